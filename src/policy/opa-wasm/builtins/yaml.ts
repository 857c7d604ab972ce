/** yaml.*: YAML as OPA reads it (core schema of YAML 1.2, octals of 1.1, merge keys, the last of equal keys) and writes it. */
import { type Entry, isArray, objectOf, type RegoObject, type Value } from '../value.ts'
import { decodeBase64 } from './base64.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import { library } from './library.ts'
import { operand, stringOperand } from './operands.ts'
import { emitYaml } from './yaml-emit.ts'
import { nonFiniteYaml, resolveYamlScalar } from './yaml-scalar.ts'

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

/** No YAML may have these. */
const unreadable = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

function parseYaml(given: string): Value {
  if (unreadable.test(given)) throw new BuiltinError('yaml: control characters are not allowed')
  const source = given.replaceAll('\u0085', '\n')
  try {
    const yaml = jsYaml()
    const events = yaml.parseEvents(source, { maxDepth: depthMax })
    checkEvents(yaml, events, source)
    const limits = { schema: schemaOf(yaml), maxAliases: aliasesMax, json: true }
    const [first] = yaml.constructFromEvents(asRead(yaml, events, source), { source, ...limits })
    return (first ?? null) as Value
  } catch (cause) {
    if (cause instanceof BuiltinError) throw cause
    throw new BuiltinError('not valid YAML', 'eval_builtin_error', { cause })
  }
}

type Events = ReturnType<JsYaml['parseEvents']>

/**
 * What js-yaml takes and OPA's library doesn't: names of anchors beyond ASCII, documents that only the end of another one parts from it, and tabs at the
 * beginning of lines (inside braces and brackets they are allowed, so texts with those are not looked at).
 */
function checkEvents({ COLLECTION_STYLE, EVENT_ID }: JsYaml, events: Events, source: string): void {
  if (/^(?:[ \t]*(?:#[^\n]*)?\n)*\.\.\.(?:\s|$)/.test(source)) throw new BuiltinError('yaml: a document is missing')
  const isFlow = events.some((event) => 'style' in event && 'start' in event && event.style === COLLECTION_STYLE.FLOW)
  const isInScalar = (at: number) =>
    events.some((event) => event.type === EVENT_ID.SCALAR && event.valueStart <= at && at < event.valueEnd)
  for (const { index, 0: indent } of isFlow ? [] : source.matchAll(/^ *\t/gm)) {
    if (!isInScalar(index + indent.length - 1)) {
      throw new BuiltinError('yaml: found character that cannot start any token')
    }
  }
  let documents = 0
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT && documents++ > 0 && !event.explicitStart) {
      throw new BuiltinError('yaml: did not find expected <document start>')
    }
    if (!('anchorStart' in event) || event.anchorStart < 0) continue
    if (!/^[\w-]+$/.test(source.slice(event.anchorStart, event.anchorEnd))) {
      throw new BuiltinError('yaml: did not find expected alphabetic or numeric character')
    }
  }
}

/** A block of text that the text ends in the middle of a line of has no line break at its end. */
function asRead({ CHOMPING_MODE, EVENT_ID, SCALAR_STYLE }: JsYaml, events: Events, source: string): Events {
  if (/[\n\r]$/.test(source)) return events
  const last = events.findLastIndex(({ type }) => type === EVENT_ID.SCALAR)
  const event = events[last]
  if (event?.type !== EVENT_ID.SCALAR || event.valueEnd < source.length) return events
  const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK
  return isBlock ? events.with(last, { ...event, chomping: CHOMPING_MODE.STRIP }) : events
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
        if (name === 'float' && nonFiniteYaml.test(source)) throw new BuiltinError('yaml: the number is no JSON')
        const found = resolveYamlScalar(source)
        const fits = found?.type === name || (isExplicit && name === 'float' && found?.type === 'int')
        return found !== undefined && fits ? found.value : yaml.NOT_RESOLVED
      },
      identify: () => false,
    })
  const text = (name: string, matchByTagPrefix: boolean, resolve: (source: string) => Value) =>
    defineScalarTag<Value>(name, { matchByTagPrefix, resolve, identify: () => false })
  const list = (name: string, matchByTagPrefix: boolean) =>
    defineSequenceTag<Value[], Value>(name, {
      matchByTagPrefix,
      create: () => [],
      addItem: (items, item) => {
        items.push(item as Value)
      },
      finalize: (items) => items,
      identify: () => false,
    })
  const mapping = (name: string, matchByTagPrefix: boolean) =>
    defineMappingTag<Members, Value>(name, {
      matchByTagPrefix,
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
    })
  // A tag that is unknown changes nothing.
  const others = ['!', 'tag:'].flatMap((prefix) => [
    text(prefix, true, (source) => source),
    list(prefix, true),
    mapping(prefix, true),
  ])
  schema ??= new Schema([
    strTag,
    ...['null', 'bool', 'int', 'float'].map(scalar),
    mergeTag,
    text('tag:yaml.org,2002:binary', false, (source) => decodeBase64(source).toString('utf8')),
    list('tag:yaml.org,2002:seq', false),
    mapping('tag:yaml.org,2002:map', false),
    ...others,
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
