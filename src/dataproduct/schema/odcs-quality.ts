/** Data quality checks of a contract (ODCS `quality`): by text, from a library of metrics, by SQL, or by a tool of one's own. */
import {
  anything,
  conditional,
  hasValue,
  listOf,
  number,
  oneOfWords,
  onlyKeys,
  open,
  type Properties,
  ref,
  type Schema,
  text,
  unlessOther,
  whenIs,
} from './json-schema.ts'
import type { OdcsVersion } from './odcs.ts'

const pair: Schema = { type: 'array', minItems: 2, maxItems: 2, uniqueItems: true, items: number }

const operators: Properties = {
  mustBe: anything,
  mustNotBe: anything,
  mustBeGreaterThan: number,
  mustBeGreaterOrEqualTo: number,
  mustBeLessThan: number,
  mustBeLessOrEqualTo: number,
  mustBeBetween: pair,
  mustNotBeBetween: pair,
}

const oneOperator: Schema = {
  oneOf: Object.entries(operators).map(([key, schema]) => ({ properties: { [key]: schema }, required: [key] })),
}

const tool: Schema = open({ engine: text, implementation: { type: ['string', 'object'] } }, [
  'engine',
  'implementation',
])

export function odcsQuality(version: OdcsVersion): Schema {
  const base: Properties = {
    ...(version === '3.0' ? {} : { id: ref('StableId') }),
    authoritativeDefinitions: ref('AuthoritativeDefinitions'),
    businessImpact: text,
    customProperties: ref('CustomProperties'),
    description: text,
    dimension: oneOfWords(
      'accuracy',
      'completeness',
      'conformity',
      'consistency',
      'coverage',
      'timeliness',
      'uniqueness',
    ),
    method: text,
    name: text,
    schedule: text,
    scheduler: text,
    severity: text,
    tags: ref('Tags'),
    type: oneOfWords('text', 'library', 'sql', 'custom'),
    unit: text,
  }
  return { ...open(base), allOf: version === '3.0' ? openKinds : closedKinds(Object.keys(base)) }
}

/** In 3.0 a check without a type is one from the library. */
const openKinds: readonly Schema[] = [
  unlessOther('type', ['library'], open({ rule: text, ...operators }, ['rule'])),
  whenIs('type', 'sql', open({ query: text }, ['query'])),
  whenIs('type', 'custom', tool),
]

const metrics = ['nullValues', 'missingValues', 'invalidValues', 'duplicateValues', 'rowCount']

const keysOf = {
  library: ['metric', 'rule', 'arguments', ...Object.keys(operators)],
  sql: ['query', ...Object.keys(operators)],
  custom: ['engine', 'implementation'],
}

/** From 3.1 on a metric makes a check one from the library, and each kind has its own keys only. */
function closedKinds(base: readonly string[]): readonly Schema[] {
  const hasMetric: Schema = { type: 'object', properties: { metric: text }, required: ['metric'] }
  const isLibrary: Schema = { anyOf: [hasValue('type', 'library'), hasMetric] }
  const measured = open({ metric: oneOfWords(...metrics), rule: text, arguments: { type: 'object' } }, ['metric'])
  const only = (...kinds: readonly (keyof typeof keysOf)[]): Schema =>
    onlyKeys([...base, ...kinds.flatMap((kind) => keysOf[kind])])
  const withMetric = (kind: 'sql' | 'custom'): Schema =>
    whenIs('type', kind, conditional(hasMetric, only(kind, 'library'), only(kind)))
  const isOther: Schema = { not: { properties: { type: { enum: ['sql', 'custom'] } }, required: ['type'] } }
  return [
    conditional(isLibrary, { ...measured, ...oneOperator }),
    whenIs('type', 'sql', { ...open({ query: text }, ['query']), ...oneOperator }),
    whenIs('type', 'custom', tool),
    withMetric('sql'),
    withMetric('custom'),
    conditional(isOther, conditional(isLibrary, only('library'), only())),
  ]
}

export const odcsQualityChecks: Schema = listOf(ref('DataQuality'))
