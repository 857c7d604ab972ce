/** Arguments for patches, schemas, YAML and collections. */

import fc, { type Arbitrary } from 'fast-check'
import { objectOf, type Value } from '../../../../src/policy/opa-wasm/value.ts'
import { numberOfText } from '../../../../src/policy/opa-wasm/value-number.ts'
import { type Arguments, args, exactly, joined, json, number, object, pick, smallInteger } from './base.ts'

/** Never the whole document: OPA 1.22 panics when that is removed. */
const pointer = fc.oneof(
  joined(pick('a', 'b', '0', '1', '-', '01', 'a~1b', '~0', ''), 1, 4, '/').map((path) => `/${path}`),
  joined(pick('a', 'b', '0', '1'), 1, 3, '/'),
  fc.array(pick<Value>('a', 'b', '0', 0, 1, null), { minLength: 1, maxLength: 3 }),
)
const patchable = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    pick<Value>(1, 'x', null),
    fc.array(tie('value'), { maxLength: 3 }),
    object(tie('value'), pick('a', 'b', '0', 'a/b', '~', '')),
  ),
})).value
const operation: Arbitrary<Value> = fc
  .record(
    {
      op: pick('add', 'remove', 'replace', 'move', 'copy', 'test', 'nop'),
      path: pointer,
      from: pointer,
      value: patchable,
    },
    { requiredKeys: ['op', 'path'] },
  )
  .map((members): Value => objectOf(Object.entries(members) as [string, Value][]))

const node = pick('a', 'b', 'c', 'd')
const graph = object(fc.oneof(fc.array(node, { maxLength: 3 }), fc.constant(null)), node)

/** Texts as people write them: of garbage, js-yaml takes some that OPA's library refuses. */
const yamlScalar = pick(
  '1',
  '"quoted\\n"',
  "'single'",
  '~',
  'null',
  'True',
  'yes',
  'on',
  '0x1F',
  '0o17',
  '017',
  '1_000',
  '1.5e3',
  '.5',
  '.inf',
  '2001-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '!!str 5',
  '!!int "5"',
  '!Ref x',
  '0b11',
  '12345678901234567890',
  '123456789012345678901',
  '-0',
  '+1',
  '1.',
  '"\\u00e9"',
  'plain text',
  'a: b: c',
  '&a v',
  '*a',
  '{e: f, g: [1, 2]}',
  '[a, b, {c: d}]',
  '[',
  '{}',
  '@x',
  '%x',
  '- x',
  'x #c',
  'x#c',
  '|\n    text\n    more',
  '>-\n    folded\n    text\n',
  '|+\n    kept\n\n',
  '',
)
const yamlLine = fc.oneof(
  fc
    .tuple(pick('a', 'b', '"c d"', '1', 'true', '1.5', '<<', '? x\n', "'q'"), yamlScalar)
    .map(([key, value]) => `${key}: ${value}`),
  yamlScalar.map((value) => `- ${value}`),
  pick('# comment', '---', '...', '  nested: 1', '', '- - 1', '<<: {m: 1}', '<<: [{m: 1}, {m: 2, n: 3}]'),
)
const yamlText = fc.oneof(
  yamlScalar,
  fc.array(yamlLine, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n')),
)
/** After U+2028 at the end of a block, OPA writes YAML that is broken. */
const yamlValue = json.filter(
  (value) => !JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? '' : item)).includes('\u2028'),
)

const schemaType = pick('string', 'integer', 'number', 'object', 'array', 'boolean', 'null')
const thenKeyword = 'then'
const { schema } = fc.letrec<{ schema: Value; keywords: Value }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    pick<Value>(true, objectOf([['type', 'string']]), objectOf([])),
    tie('keywords'),
  ),
  keywords: fc
    .record(
      {
        type: fc.oneof<Arbitrary<Value>[]>(schemaType, fc.uniqueArray(schemaType, { minLength: 1, maxLength: 3 })),
        minimum: number,
        maximum: number,
        exclusiveMinimum: number,
        multipleOf: pick<Value>(1, 2, numberOfText('0.5'), 3),
        minLength: fc.nat(3),
        maxLength: fc.integer({ min: 3, max: 5 }),
        pattern: pick('^a', 'b$', '[0-9]+'),
        format: pick(
          'date',
          'time',
          'date-time',
          'ipv4',
          'ipv6',
          'uri',
          'uuid',
          'hostname',
          'regex',
          'json-pointer',
          'unknown',
        ),
        enum: fc.uniqueArray(pick<Value>(1, 'a', null, true, 2), { maxLength: 3 }),
        const: pick<Value>(1, 'a', null),
        required: fc.uniqueArray(pick('a', 'b'), { maxLength: 2 }),
        minProperties: fc.nat(2),
        minItems: fc.nat(2),
        maxItems: fc.integer({ min: 1, max: 3 }),
        uniqueItems: fc.boolean(),
        additionalProperties: fc.boolean(),
        properties: fc.oneof(
          { maxDepth: 2 },
          fc.constant<Value>(objectOf([])),
          tie('schema').map((inner): Value => objectOf([['a', inner]])),
        ),
        items: fc.oneof(
          { maxDepth: 2 },
          fc.constant<Value>(true),
          tie('schema'),
          fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        ),
        not: tie('schema'),
        anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        if: tie('schema'),
        [thenKeyword]: tie('schema'),
        else: tie('schema'),
        contains: tie('schema'),
        // A schema that refers to itself without end makes OPA overflow its stack.
        $ref: fc.constant('#/definitions/d'),
        definitions: fc.constant<Value>(objectOf([['d', objectOf([['type', 'integer']])]])),
      },
      { requiredKeys: [] },
    )
    .chain((members) => fc.subarray(Object.entries(members), { maxLength: 3 }))
    .map((members): Value => objectOf(members.filter(([, value]) => value !== undefined) as [string, Value][])),
}))
const schemaDocument: Arbitrary<Value> = fc.oneof(
  object(
    fc.oneof<Arbitrary<Value>[]>(
      pick<Value>(1, 'a', 'abc', null, true),
      fc.array(pick<Value>(1, 'a', 2), { maxLength: 3 }),
      number,
    ),
    pick('a', 'b', 'c'),
  ),
  fc.array(fc.oneof<Arbitrary<Value>[]>(pick<Value>(1, 'a', null, 1), number), { maxLength: 4 }),
)

export const jsonArguments: Readonly<Record<string, Arguments>> = {
  'json.patch': args(patchable, fc.array(operation, { maxLength: 3 })),
  'json.marshal_with_options': args(
    json,
    fc
      .record({ pretty: fc.boolean(), indent: pick('', ' ', '\t'), prefix: pick('', '> ') }, { requiredKeys: [] })
      .map((options): Value => objectOf(Object.entries(options) as [string, Value][])),
  ),
  'json.match_schema': exactly(schemaDocument, schema),
  'json.verify_schema': exactly(schema),
  'yaml.marshal': exactly(yamlValue),
  'yaml.unmarshal': args(yamlText),
  'yaml.is_valid': args(yamlText),
  'object.subset': args(json, json),
  'graph.reachable_paths': args(graph, fc.array(node, { maxLength: 2 })),
  'numbers.range_step': exactly(smallInteger, smallInteger, pick<Value>(0, 1, 2, 5, -1)),
}
