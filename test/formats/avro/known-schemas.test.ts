/** Schemas are parsed and compiled once, and what is refused stays refused. */
import { expect, test } from 'vitest'
import type { Mask } from '../../../src/domain/decision.ts'
import { createKnownSchemas, programsMax, schemaBytesMax, schemasMax } from '../../../src/formats/avro/known-schemas.ts'
import { compileProgram } from '../../../src/formats/avro/program.ts'
import { parseSchema } from '../../../src/formats/avro/schema.ts'
import { maskValue } from '../../../src/policy/masks/mask-value.ts'

const known = () => createKnownSchemas((mask, value) => maskValue(mask, value))
const recordOf = (name: string, type: string) =>
  Buffer.from(JSON.stringify({ type: 'record', name, fields: [{ name: 'a', type }] }))
const parsed = (text: Buffer) => parseSchema(text.toString())
const watch = (path: string, direct = false) => ({ segments: path.split('/').slice(1), direct })

test('each text is the schema that it says, whatever was read before', () => {
  const schemaOf = known()
  const texts = Array.from({ length: 200 }, (_, index) => recordOf(`R${index}`, index % 2 === 0 ? 'int' : 'string'))
  for (const text of [...texts, ...texts.toReversed()]) expect(schemaOf(text).root).toEqual(parsed(text))
})

test('a schema that was read lately is not parsed again, unless it is too long to keep', () => {
  const schemaOf = known()
  const short = recordOf('R', 'int')
  expect(schemaOf(short)).toBe(schemaOf(Buffer.from(short)))
  const long = recordOf('R'.repeat(schemaBytesMax), 'int')
  expect(schemaOf(long)).not.toBe(schemaOf(long))
  expect(schemaOf(long).root).toEqual(parsed(long))
})

test('as many schemas are kept as there is room for: those read last', () => {
  const schemaOf = known()
  const texts = Array.from({ length: schemasMax + 1 }, (_, index) => recordOf(`R${index}`, 'int'))
  const [first, second, ...others] = texts.slice(0, schemasMax).map(schemaOf)
  expect(schemaOf(texts[0]!)).toBe(first)
  schemaOf(texts[schemasMax]!)
  expect(schemaOf(texts[0]!)).toBe(first)
  for (const [index, schema] of others.entries()) expect(schemaOf(texts[index + 2]!)).toBe(schema)
  expect(schemaOf(texts[1]!)).not.toBe(second)
})

test('a text that is changed after it was read is another schema', () => {
  const schemaOf = known()
  const text = recordOf('R', 'int')
  const before = schemaOf(text)
  text.write('S', text.indexOf('"R"') + 1)
  expect(schemaOf(text).root).toEqual(parsed(recordOf('S', 'int')))
  expect(schemaOf(recordOf('R', 'int'))).toBe(before)
})

test('a program is compiled once for reads that watch the same, and anew for others', () => {
  const schema = known()(recordOf('R', 'string'))
  const all = [[], [watch('/a')], [watch('/a', true)], [watch('/b'), watch('/a')]]
  for (const watches of all) {
    const program = schema.program(watches)
    expect(program).toEqual(compileProgram(schema.root, watches))
    expect(schema.program(structuredClone(watches))).toBe(program)
  }
  for (let index = 0; index < programsMax; index++) schema.program([watch(`/other${index}`)])
  expect(schema.program([watch('/a')])).toEqual(compileProgram(schema.root, [watch('/a')]))
})

test('what is known of a mask holds for that mask alone', () => {
  const { records } = known()(recordOf('R', 'string'))
  const masks: readonly Mask[] = [
    { path: '/a', action: 'partial', keepLast: 1, fill: '*' },
    { path: '/a', action: 'null' },
    { path: '/b', action: 'null' },
  ]
  for (let time = 0; time < 2; time++)
    expect(masks.map((mask) => records.accepts(mask))).toEqual(['ok', 'not_expressible', 'path_unknown'])
})

test('what is no schema is refused each time', () => {
  const schemaOf = known()
  for (let time = 0; time < 2; time++) expect(() => schemaOf(Buffer.from('{"type":"no"}'))).toThrow()
})
