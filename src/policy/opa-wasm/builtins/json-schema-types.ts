/** A JSON schema as it has been read. */
import type { RegoNumber } from '../value-number.ts'

export type Schema = {
  /** Of a schema that is just `true` or `false`. */
  passes?: boolean
  /** What it refers to; nothing else in it counts then. */
  ref?: Schema
  types?: readonly string[]
  properties?: readonly (readonly [name: string, schema: Schema])[]
  additionalProperties?: boolean | Schema
  patternProperties?: readonly (readonly [pattern: string, schema: Schema])[]
  propertyNames?: Schema
  dependencies?: ReadonlyMap<string, readonly string[] | Schema>
  /** One for all items, or one for each of the first ones. */
  items?: Schema | readonly Schema[]
  additionalItems?: boolean | Schema
  multipleOf?: RegoNumber
  minimum?: RegoNumber
  exclusiveMinimum?: RegoNumber
  maximum?: RegoNumber
  exclusiveMaximum?: RegoNumber
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  minProperties?: number
  maxProperties?: number
  required?: readonly string[]
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  contains?: Schema
  /** As text that is equal for equal values. */
  const?: string
  enum?: readonly string[]
  oneOf?: readonly Schema[]
  anyOf?: readonly Schema[]
  allOf?: readonly Schema[]
  not?: Schema
  if?: Schema
  then?: Schema
  else?: Schema
}
