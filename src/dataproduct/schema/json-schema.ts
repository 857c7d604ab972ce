/** Short words for JSON Schema, so that a standard can be written down as it reads. */

export type Schema = { readonly [keyword: string]: unknown }

export type Properties = { readonly [key: string]: Schema }

export const text: Schema = { type: 'string' }
export const flag: Schema = { type: 'boolean' }
export const number: Schema = { type: 'number' }
export const integer: Schema = { type: 'integer' }
export const count: Schema = { type: 'integer', minimum: 0 }
export const anything: Schema = {}
export const uri: Schema = { type: 'string', format: 'uri' }
export const day: Schema = { type: 'string', format: 'date' }
export const moment: Schema = { type: 'string', format: 'date-time' }
export const scalar: Schema = { type: ['string', 'number', 'boolean', 'null'] }

export function oneOfWords(...words: readonly string[]): Schema {
  return { type: 'string', enum: words }
}

export function matching(pattern: string): Schema {
  return { type: 'string', pattern }
}

export function listOf(
  items: Schema,
  more: { readonly minItems?: number; readonly uniqueItems?: boolean } = {},
): Schema {
  return { type: 'array', items, ...more }
}

export function ref(definition: string): Schema {
  return { $ref: `#/$defs/${definition}` }
}

/** An object with these keys and no others. */
export function closed(properties: Properties, required: readonly string[] = []): Schema {
  return { ...open(properties, required), additionalProperties: false }
}

/** An object that may have further keys. */
export function open(properties: Properties, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) }
}

/** Closed or open, as the version of a standard has it. */
export function objects(isClosed: boolean): typeof closed {
  return isClosed ? closed : open
}

export function conditional(condition: Schema, then: Schema | undefined, otherwise?: Schema): Schema {
  // A literal with this key would look like a promise.
  return Object.fromEntries(
    [
      ['if', condition],
      ['then', then],
      ['else', otherwise],
    ].filter(([, schema]) => schema !== undefined),
  )
}

/** Where `key` is there and has this value. */
export function whenIs(key: string, value: string, then: Schema): Schema {
  return conditional(hasValue(key, value), then)
}

export function hasValue(key: string, value: string): Schema {
  return { type: 'object', properties: { [key]: { const: value } }, required: [key] }
}

/** Where `key` has one of these values or is missing: the standards' schemas ask only that nothing contradicts. */
export function unlessOther(key: string, values: readonly string[], then: Schema): Schema {
  return conditional({ properties: { [key]: { enum: values } } }, then)
}

/** Nothing beside these keys, whatever their values. */
export function onlyKeys(keys: readonly string[]): Schema {
  return { properties: Object.fromEntries(keys.map((key) => [key, anything])), additionalProperties: false }
}
