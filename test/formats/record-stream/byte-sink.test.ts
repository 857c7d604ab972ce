import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createByteSink } from '../../../src/formats/record-stream/byte-sink.ts'

test('a sink gives what was put in, in order, however large, and what it gave stays as it was', () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.uint8Array({ maxLength: 60 }),
    fc.constant(undefined),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const sink = createByteSink(8)
      const given: Uint8Array[] = []
      for (const each of parts) {
        if (each === undefined) given.push(sink.take())
        else if (typeof each === 'string') sink.text(each)
        else sink.copy(each, each.length >> 2, each.length)
      }
      expect(Buffer.from(sink.view()).length).toBe(sink.length())
      given.push(sink.take())
      expect(sink.length()).toBe(0)
      const expected = parts.map((each) =>
        each === undefined
          ? Buffer.alloc(0)
          : typeof each === 'string'
            ? Buffer.from(each)
            : Buffer.from(each.subarray(each.length >> 2)),
      )
      expect(Buffer.concat(given).equals(Buffer.concat(expected))).toBe(true)
    }),
  )
})
