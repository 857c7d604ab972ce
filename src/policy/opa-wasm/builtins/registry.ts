/** All built-ins that the host supplies to WASM, by name, and how to withhold some. */
import { isArray, type Value } from '../value.ts'
import { awsBuiltins } from './aws.ts'
import { type Builtin, BuiltinError, type Builtins } from './builtin.ts'
import { collectionBuiltins } from './collections.ts'
import { cryptoBuiltins } from './crypto.ts'
import { encodingBuiltins } from './encoding.ts'
import { globBuiltins } from './glob.ts'
import { graphqlBuiltins } from './graphql.ts'
import { jsonBuiltins } from './json.ts'
import { jwtBuiltins } from './jwt.ts'
import { netBuiltins } from './net.ts'
import { regexBuiltins } from './regex.ts'
import { runtimeBuiltins } from './runtime.ts'
import { textBuiltins } from './sprintf.ts'
import { stringBuiltins } from './strings.ts'
import { timeBuiltins } from './time.ts'
import { unitBuiltins } from './units.ts'
import { versionBuiltins } from './versions.ts'
import { x509Builtins } from './x509.ts'
import { yamlBuiltins } from './yaml.ts'

const families: readonly Readonly<Record<string, Builtin>>[] = [
  awsBuiltins,
  collectionBuiltins,
  cryptoBuiltins,
  encodingBuiltins,
  globBuiltins,
  graphqlBuiltins,
  jsonBuiltins,
  jwtBuiltins,
  netBuiltins,
  regexBuiltins,
  runtimeBuiltins,
  stringBuiltins,
  textBuiltins,
  timeBuiltins,
  unitBuiltins,
  versionBuiltins,
  x509Builtins,
  yamlBuiltins,
]

/** A policy that calls a withheld built-in is treated like one that calls an unknown one: every evaluation that gets there is denied. */
export function createBuiltins(options: { readonly withhold?: Iterable<string> } = {}): Builtins {
  const withheld = new Set(options.withhold)
  const entries = families.flatMap((family) => Object.entries(family)).filter(([name]) => !withheld.has(name))
  return new Map(entries.map(([name, builtin]) => [name, total(name, builtin)]))
}

/** Whatever goes wrong inside, a BuiltinError comes out, and never a text that WASM can't read. */
function total(name: string, builtin: Builtin): Builtin {
  return (args, context) => {
    try {
      const result = builtin(args, context)
      if (result !== undefined && !isWellFormed(result)) throw new BuiltinError('the result is not valid UTF-8')
      return result
    } catch (error) {
      if (error instanceof BuiltinError) throw new BuiltinError(`${name}: ${error.message}`, error.code)
      throw new BuiltinError(`${name}: failed unexpectedly`, 'eval_builtin_error', { cause: error })
    }
  }
}

function isWellFormed(value: Value): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  if (isArray(value)) return value.every(isWellFormed)
  if (value.kind === 'decimal') return true
  if (value.kind === 'set') return value.items.every(isWellFormed)
  return value.entries.every(([key, item]) => isWellFormed(key) && isWellFormed(item))
}
