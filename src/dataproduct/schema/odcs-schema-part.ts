/** Objects, properties and relationships of a contract's `schema` (ODCS). */
import {
  anything,
  closed,
  conditional,
  count,
  flag,
  integer,
  listOf,
  matching,
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

type Definitions = Readonly<Record<string, Schema>>

export function odcsSchemaPart(version: OdcsVersion): Definitions {
  return { ...objectsAndProperties(version), ...(version === '3.0' ? {} : relationships(version)) }
}

function objectsAndProperties(version: OdcsVersion): Definitions {
  const with31 = version !== '3.0'
  const with32 = version === '3.2'
  const element: Properties = {
    ...(with31 ? { id: ref('StableId') } : {}),
    name: text,
    physicalType: text,
    description: text,
    businessName: text,
    authoritativeDefinitions: ref('AuthoritativeDefinitions'),
    tags: ref('Tags'),
    customProperties: ref('CustomProperties'),
    ...(with32 ? { deprecated: flag, synonyms: ref('Synonyms') } : {}),
  }
  const property: Properties = {
    ...element,
    primaryKey: flag,
    primaryKeyPosition: integer,
    logicalType: oneOfWords(...logicalTypes[version]),
    logicalTypeOptions: { type: 'object' },
    physicalName: text,
    required: flag,
    unique: flag,
    partitioned: flag,
    partitionKeyPosition: integer,
    classification: text,
    encryptedName: text,
    transformSourceObjects: listOf(text),
    transformLogic: text,
    transformDescription: text,
    examples: listOf(anything),
    criticalDataElement: flag,
    quality: ref('DataQualityChecks'),
    ...(with31 ? { relationships: listOf(ref('RelationshipPropertyLevel')) } : {}),
    ...(with32
      ? {
          semanticType: oneOfWords('column', 'measure', 'dimension'),
          enum: listOf(ref('EnumValue'), { minItems: 1, uniqueItems: true }),
        }
      : {}),
  }
  const parts = [
    ...optionRules(version),
    unlessOther('logicalType', ['object'], { properties: { properties: listOf(ref('SchemaProperty')) } }),
    unlessOther('logicalType', ['array'], { properties: { items: ref('SchemaItemProperty') } }),
    ...(with32 ? [mapRule] : []),
  ]
  // ODCS 3.0 lets the items of a list have properties whatever their type.
  const itemKeys = with31 ? [] : ['properties']
  return {
    SchemaObject: closed(
      {
        ...element,
        logicalType: oneOfWords('object', ...(with31 ? ['blob'] : [])),
        physicalName: text,
        dataGranularityDescription: text,
        properties: listOf(ref('SchemaProperty')),
        quality: ref('DataQualityChecks'),
        ...(with31 ? { relationships: listOf(ref('RelationshipSchemaLevel')) } : {}),
        ...(with32 ? { context: ref('Context') } : {}),
      },
      ['name'],
    ),
    SchemaProperty: { ...open(property, ['name']), allOf: [...parts, ...keyRules(version, property, [])] },
    SchemaItemProperty: {
      ...open({ ...property, properties: listOf(ref('SchemaProperty')) }),
      allOf: [...parts, ...keyRules(version, property, itemKeys)],
    },
    ...(with32 ? { EnumValue: enumValue } : {}),
  }
}

const since31 = ['string', 'date', 'timestamp', 'time', 'number', 'integer', 'object', 'array', 'boolean']

const logicalTypes: Readonly<Record<OdcsVersion, readonly string[]>> = {
  '3.0': ['string', 'date', 'number', 'integer', 'object', 'array', 'boolean'],
  '3.1': since31,
  '3.2': [...since31, 'map', 'vector'],
}

/** Which options a logical type has; without a type, only those that all of them have. */
function optionRules(version: OdcsVersion): readonly Schema[] {
  const bound = (of: Schema): Properties => ({
    minimum: of,
    maximum: of,
    exclusiveMinimum: version === '3.0' ? flag : of,
    exclusiveMaximum: version === '3.0' ? flag : of,
  })
  const numeric = (...formats: readonly string[]): Properties => ({
    ...bound(number),
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    format: oneOfWords(...formats),
  })
  const dates = { ...bound(text), format: text }
  const rules: readonly (readonly [types: readonly string[], options: Properties])[] = [
    [['string'], { minLength: count, maxLength: count, pattern: text, format: text }],
    [['date'], dates],
    [['integer'], numeric('i8', 'i16', 'i32', 'i64', 'i128', 'u8', 'u16', 'u32', 'u64', 'u128')],
    [['number'], numeric('f32', 'f64')],
    [
      ['object'],
      { minProperties: count, maxProperties: count, required: listOf(text, { minItems: 1, uniqueItems: true }) },
    ],
    [['array'], { minItems: count, maxItems: count, uniqueItems: flag }],
    ...(version === '3.0'
      ? []
      : [[['timestamp', 'time'], { ...dates, timezone: flag, defaultTimezone: text }] as const]),
  ]
  return [
    ...rules.map(([types, options]) =>
      unlessOther('logicalType', types, { properties: { logicalTypeOptions: closed(options) } }),
    ),
    ...(version === '3.2' ? [vectorRule] : []),
  ]
}

const vectorRule = whenIs('logicalType', 'vector', {
  properties: {
    logicalTypeOptions: closed(
      {
        dimensions: { type: 'integer', minimum: 1 },
        elementType: oneOfWords('bfloat16', 'binary', 'float16', 'float32', 'float64', 'int8', 'uint8'),
        distanceMetric: oneOfWords('cosine', 'dotProduct', 'euclidean', 'hamming', 'manhattan'),
        embeddingModel: text,
        embeddingModelVersion: text,
        normalized: flag,
      },
      ['dimensions'],
    ),
  },
  required: ['logicalTypeOptions'],
})

const mapRule = whenIs('logicalType', 'map', {
  properties: { map: closed({ key: ref('SchemaItemProperty'), value: ref('SchemaItemProperty') }, ['key', 'value']) },
  required: ['map'],
})

/** `properties` belong to objects, `items` to lists, `map` to maps; where the type is missing, the first two may stand. */
function keyRules(version: OdcsVersion, property: Properties, more: readonly string[]): readonly Schema[] {
  const keys = [...Object.keys(property), ...more]
  const only = (...own: readonly string[]): Schema => onlyKeys([...keys, ...own])
  const container = ['object', 'array', ...(version === '3.2' ? ['map'] : [])]
  return [
    conditional({ type: 'object', not: { required: ['logicalType'] } }, only('properties', 'items')),
    whenIs('logicalType', 'object', only('properties')),
    whenIs('logicalType', 'array', only('items')),
    ...(version === '3.2' ? [whenIs('logicalType', 'map', only('map'))] : []),
    conditional({ properties: { logicalType: { not: { enum: container } } }, required: ['logicalType'] }, only()),
  ]
}

const enumValue = closed(
  {
    id: ref('StableId'),
    value: { type: ['string', 'number', 'boolean', 'null'] },
    label: text,
    description: text,
    customProperties: ref('CustomProperties'),
    authoritativeDefinitions: ref('AuthoritativeDefinitions'),
    tags: ref('Tags'),
  },
  ['value'],
)

/** Columns that one relationship joins: `object.column`, or a path by ids. */
const referencePattern: Readonly<Record<'3.1' | '3.2', string>> = (() => {
  const name = '[A-Za-z_][A-Za-z0-9_]*'
  const path = (file: string, id: string): string => {
    const step = `${name}\\/${id}`
    return `(?:(?:https?:\\/\\/)?[A-Za-z0-9._\\-\\/]+\\.${file}#)?\\/?${step}(?:\\/${step})*`
  }
  const dashed = '[A-Za-z_][A-Za-z0-9_\\-]*'
  return {
    '3.1': `^(?:${name}\\.${name}|${path('yaml', '[A-Za-z0-9_-]+')})$`,
    '3.2': `^(?:${dashed}(?:\\.${dashed})+|${path('ya?ml', '[^\\s.#/\\\\@!%&^]+')})$`,
  }
})()

function relationships(version: '3.1' | '3.2'): Definitions {
  const end: Schema = {
    ...matching(referencePattern[version]),
    type: ['string', 'array'],
    minItems: 1,
    items: ref('Reference'),
  }
  const shared: Properties = {
    type: oneOfWords('foreignKey'),
    to: end,
    customProperties: ref('CustomProperties'),
    ...(version === '3.2' ? { id: text } : {}),
  }
  const isList = { properties: { from: { type: 'array' } }, required: ['from'] }
  const toIs = (type: string): Schema => ({ properties: { to: { type } } })
  return {
    Reference: matching(referencePattern[version]),
    RelationshipSchemaLevel: {
      ...closed({ ...shared, from: end }, ['from', 'to']),
      ...conditional(isList, toIs('array'), toIs('string')),
    },
    RelationshipPropertyLevel: closed(shared, ['to']),
  }
}
