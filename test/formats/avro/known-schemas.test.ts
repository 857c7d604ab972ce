/** Schemas are parsed once, and what is refused stays refused. */
import { expect, test } from 'vitest'
import { createKnownSchemas, schemaLengthMax } from '../../../src/formats/avro/known-schemas.ts'
import { parseSchema } from '../../../src/formats/avro/schema.ts'

const recordOf = (name: string, type: string) => JSON.stringify({ type: 'record', name, fields: [{ name: 'a', type }] })

test('each text is the schema that it says, whatever was read before', () => {
  const schemaOf = createKnownSchemas()
  const texts = Array.from({ length: 200 }, (_, index) => recordOf(`R${index}`, index % 2 === 0 ? 'int' : 'string'))
  for (const text of [...texts, ...texts.toReversed()]) expect(schemaOf(text)).toEqual(parseSchema(text))
})

test('a schema that was read lately is not parsed again, unless it is too long to keep', () => {
  const schemaOf = createKnownSchemas()
  const short = recordOf('R', 'int')
  expect(schemaOf(short)).toBe(schemaOf(short))
  const long = recordOf('R'.repeat(schemaLengthMax), 'int')
  expect(schemaOf(long)).not.toBe(schemaOf(long))
  expect(schemaOf(long)).toEqual(parseSchema(long))
})

test('what is no schema is refused each time', () => {
  const schemaOf = createKnownSchemas()
  for (let time = 0; time < 2; time++) expect(() => schemaOf('{"type":"no"}')).toThrow()
})
