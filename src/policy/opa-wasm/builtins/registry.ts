/** All built-ins that the host supplies to WASM, by name, and how to withhold some. */
import { awsBuiltins } from './aws.ts'
import type { Builtin, Builtins } from './builtin.ts'
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
import { total } from './total.ts'
import { unitBuiltins } from './units.ts'
import { versionBuiltins } from './versions.ts'
import { x509Builtins } from './x509.ts'
import { yamlBuiltins } from './yaml.ts'

/** By the files that they are in, each of which a program can load by itself. */
export const families: Readonly<Record<string, Readonly<Record<string, Builtin>>>> = {
  aws: awsBuiltins,
  collections: collectionBuiltins,
  crypto: cryptoBuiltins,
  encoding: encodingBuiltins,
  glob: globBuiltins,
  graphql: graphqlBuiltins,
  json: jsonBuiltins,
  jwt: jwtBuiltins,
  net: netBuiltins,
  regex: regexBuiltins,
  runtime: runtimeBuiltins,
  sprintf: textBuiltins,
  strings: stringBuiltins,
  time: timeBuiltins,
  units: unitBuiltins,
  versions: versionBuiltins,
  x509: x509Builtins,
  yaml: yamlBuiltins,
}

/** A policy that calls a withheld built-in is treated like one that calls an unknown one: every evaluation that gets there is denied. */
export function createBuiltins(options: { readonly withhold?: Iterable<string> } = {}): Builtins {
  const withheld = new Set(options.withhold)
  const entries = Object.values(families)
    .flatMap(Object.entries<Builtin>)
    .filter(([name]) => !withheld.has(name))
  return new Map(entries.map(([name, builtin]) => [name, total(name, builtin)]))
}
