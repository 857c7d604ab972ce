/** yaml.*: YAML as OPA reads it (core schema of YAML 1.2, octals of 1.1, merge keys, the last of equal keys) and writes it. */
import { type Entry, isArray, objectOf, type RegoObject, type Value } from '../value.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import { library } from './library.ts'
import { operand, stringOperand } from './operands.ts'
import { emitYaml } from './yaml-emit.ts'
import { resolveYamlScalar } from './yaml-scalar.ts'

export const yamlBuiltins: Readonly<Record<string, Builtin>> = {
  'yaml.marshal': (args) => emitYaml(operand(args, 1)),
  'yaml.unmarshal': (args) => parseYaml(stringOperand(args, 1)),
  'yaml.is_valid': (args) => {
    const text = operand(args, 1)
    return typeof text === 'string' && isYaml(text)
  },
}

type JsYaml = typeof import('js-yaml')

const jsYaml = library<JsYaml>('js-yaml')

/** Levels of nesting, and copies that aliases may make. */
const depthMax = 1_000
const aliasesMax = 1_000

function parseYaml(text: string): Value {
  try {
    const [first] = jsYaml().loadAll(text, {
      schema: schemaOf(jsYaml()),
      maxDepth: depthMax,
      maxAliases: aliasesMax,
      json: true,
    })
    return (first ?? null) as Value
  } catch (cause) {
    throw new BuiltinError('not valid YAML', 'eval_builtin_error', { cause })
  }
}

function isYaml(text: string): boolean {
  try {
    parseYaml(text)
    return true
  } catch {
    return false
  }
}

/** While a mapping is read: its members by name, the last of equal ones. */
type Members = Map<string, Value>

let schema: InstanceType<JsYaml['Schema']> | undefined

function schemaOf(yaml: JsYaml): InstanceType<JsYaml['Schema']> {
  const { defineMappingTag, defineScalarTag, defineSequenceTag, mergeTag, Schema, strTag } = yaml
  const scalar = (name: string) =>
    defineScalarTag<Value>(`tag:yaml.org,2002:${name}`, {
      implicit: true,
      resolve(source, isExplicit) {
        const found = resolveYamlScalar(source)
        const fits = found?.type === name || (isExplicit && name === 'float' && found?.type === 'int')
        return found !== undefined && fits ? found.value : yaml.NOT_RESOLVED
      },
      identify: () => false,
    })
  schema ??= new Schema([
    strTag,
    ...['null', 'bool', 'int', 'float'].map(scalar),
    mergeTag,
    defineScalarTag<Value>('tag:yaml.org,2002:binary', {
      resolve: (source) => source,
      identify: () => false,
    }),
    defineSequenceTag<Value[], Value>('tag:yaml.org,2002:seq', {
      create: () => [],
      addItem: (items, item) => {
        items.push(item as Value)
      },
      finalize: (items) => items,
      identify: () => false,
    }),
    defineMappingTag<Members, Value>('tag:yaml.org,2002:map', {
      create: () => new Map(),
      addPair(members, key, value) {
        const name = keyText(key as Value)
        if (name === undefined) return 'a key that is no scalar'
        members.set(name, value as Value)
        return ''
      },
      has: (members, key) => members.has(keyText(key as Value) ?? ''),
      keys: (object) => (object as RegoObject).entries.map(([name]) => name),
      get: (object, key) => (object as RegoObject).entries.find(([name]) => name === key)?.[1],
      finalize: (members) => objectOf([...members] satisfies Entry[]),
      identify: () => false,
    }),
  ])
  return schema
}

/** JSON has only strings for keys. */
function keyText(key: Value): string | undefined {
  if (typeof key === 'string') return key
  if (key === null || isArray(key)) return undefined
  if (typeof key !== 'object') return String(key)
  return key.kind === 'decimal' ? key.text : undefined
}
