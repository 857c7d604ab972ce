import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerBytesMax, createAnswerReader } from '../../../src/bus/kafka/whole-answers.ts'

function answer(payload: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(payload.length)
  return Buffer.concat([size, payload])
}
const sized = (size: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(size)
  return bytes
}

test('however answers are cut into chunks, each comes out whole and in order', () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 4, maxLength: 40 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(payloads, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sent, lengths) => {
      const bytes = Buffer.concat(sent.map(answer))
      const ends = sent.map((_, count) => Buffer.concat(sent.slice(0, count + 1).map(answer)).length)
      const read = createAnswerReader()
      const received: Buffer[] = []
      for (let from = 0, turn = 0; from < bytes.length; turn++) {
        const chunk = bytes.subarray(from, from + lengths[turn % lengths.length]!)
        from += chunk.length
        const whole = read(chunk)
        if (whole !== undefined) received.push(whole)
        // nothing is held back that is whole already, nothing passes that is not
        expect(Buffer.concat(received).length).toBe(Math.max(0, ...ends.filter((end) => end <= from)))
      }
      expect(Buffer.concat(received)).toEqual(bytes)
    }),
  )
})

test.each([0, 3, -1, answerBytesMax + 1])('a size of %i is no answer', (size) => {
  expect(() => createAnswerReader()(sized(size))).toThrow('not an answer of a Kafka broker')
})

test('another protocol is no answer', () => {
  expect(() => createAnswerReader()(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))).toThrow(
    'not an answer of a Kafka broker',
  )
})
