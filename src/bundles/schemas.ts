/** What rules may read of the input, as JSON Schemas: `opa check --schema` finds a misspelt field with them, and editors offer the right ones. */

export type JsonSchema = Readonly<Record<string, unknown>>

const text = { type: 'string' }
const anything = {}

function object(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties,
  }
}

const user = object({
  id: text,
  active: { type: 'boolean' },
  roles: { type: 'array', items: text },
  attributes: { type: 'object', additionalProperties: true },
})

const context = {
  type: 'object',
  description: 'What the client said with the request; the purpose is always there.',
  required: ['purpose'],
  properties: { purpose: text },
  additionalProperties: true,
}

const resource = object(
  {
    id: text,
    type: text,
    format: text,
    attributes: { type: 'object', additionalProperties: true },
    product: text,
    fields: { type: 'array', items: object({ path: text, classification: text }) },
  },
  ['product', 'fields'],
)

const request = object({ resource: text })
const now = { type: 'number', description: 'Milliseconds since the epoch, the same for a whole read.' }
const facts = { type: 'object', description: 'By rule, then by the name of the fact.', additionalProperties: true }
const layers = {
  type: 'array',
  items: object({ name: text, rules: { type: 'array', items: { type: 'array', items: text } } }),
}

const members = { user, context, request, resource, record: anything, facts, layers, now }

function schema(title: string, names: readonly (keyof typeof members)[], optional: readonly string[] = []): JsonSchema {
  const properties = Object.fromEntries(names.map((name) => [name, members[name]]))
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, ...object(properties, optional) }
}

/** By path below `schemas/`: `schema.access.user` in an annotation is access/user.json. */
export const inputSchemas: ReadonlyMap<string, JsonSchema> = new Map([
  ['access/user.json', schema('Input of access/user', ['user', 'context', 'request', 'now'])],
  [
    'access/resource.json',
    schema('Input of access/resource and access/attached', ['user', 'context', 'resource', 'now']),
  ],
  ['access/record.json', schema('Input of access/record', ['user', 'context', 'resource', 'record', 'facts', 'now'])],
  [
    'access/guard.json',
    schema('Input of access/guard', ['user', 'context', 'resource', 'layers', 'record', 'facts', 'now'], ['record']),
  ],
  [
    'access/rule.json',
    schema(
      'What a rule may read, whichever list it is attached in',
      ['user', 'context', 'request', 'resource', 'record', 'facts', 'now'],
      ['request', 'resource', 'record', 'facts'],
    ),
  ],
])

export const schemasFolder = 'schemas'

export function printSchema(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}
