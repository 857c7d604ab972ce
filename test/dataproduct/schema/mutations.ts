/** Documents that differ from a given one in one place. */
import type { Json } from '../../../src/domain/json.ts'

export type Mutation = { readonly what: string; readonly document: Json }

const replacements: readonly Json[] = [null, true, 0, -1, 1.5, '', 'x', 'object', [], {}, ['x'], { name: 'x' }]
const wordsOfEnums: readonly string[] = [
  'array',
  'library',
  'sql',
  'custom',
  'text',
  'string',
  'timestamp',
  'map',
  'vector',
  'kafka',
  's3',
  'hana',
  'v3.2.0',
  'v1.1.0',
  'delta',
]
const addedKeys: readonly (readonly [key: string, value: Json])[] = [
  ['unknownKey', 1],
  ['id', 'ok'],
  ['id', 'not ok!'],
  ['description', 'd'],
  ['metric', 'rowCount'],
  ['mustBe', 1],
  ['query', 'q'],
  ['properties', [{ name: 'p' }]],
  ['properties', [{ noName: 'p' }]],
  ['items', { logicalType: 'string' }],
  ['logicalTypeOptions', {}],
  ['logicalTypeOptions', { format: 'x' }],
  ['from', 'a.b'],
  ['tags', ['t']],
  ['location', 'not a uri'],
  ['customProperties', [{ property: 'p' }]],
]

/** Every place of the document: without it, with values of other types in it, with keys added. */
export function* mutations(document: Json): Generator<Mutation> {
  for (const path of paths(document)) {
    const at = path.join('/')
    if (path.length > 0) yield { what: `${at} removed`, document: changed(document, path, () => undefined) }
    const value = path.reduce<Json | undefined>((parent, step) => (parent as { [key: string]: Json })[step], document)
    const words = typeof value === 'string' && value.length < 12 ? wordsOfEnums : []
    for (const replacement of [...replacements, ...words]) {
      yield { what: `${at} = ${JSON.stringify(replacement)}`, document: changed(document, path, () => replacement) }
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    for (const [key, added] of addedKeys) {
      yield {
        what: `${at}/${key} added as ${JSON.stringify(added)}`,
        document: changed(document, path, (before) => ({ ...(before as object), [key]: added }) as Json),
      }
    }
  }
}

function* paths(value: Json, path: readonly string[] = []): Generator<readonly string[]> {
  yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) yield* paths(child, [...path, key])
}

/** Only what lies on the path is copied. */
function changed(value: Json, path: readonly string[], by: (before: Json) => Json | undefined): Json {
  const [step, ...rest] = path
  if (step === undefined) return by(value) ?? null
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) => (String(index) !== step ? [item] : without(item, rest, by)))
  }
  return Object.fromEntries(
    Object.entries(value as { [key: string]: Json }).flatMap(([key, child]) =>
      key !== step ? [[key, child]] : without(child, rest, by).map((next) => [key, next]),
    ),
  )
}

function without(value: Json, rest: readonly string[], by: (before: Json) => Json | undefined): readonly Json[] {
  if (rest.length > 0) return [changed(value, rest, by)]
  const next = by(value)
  return next === undefined ? [] : [next]
}
