import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mask } from '../../../src/domain/decision.ts'
import type { Json } from '../../../src/domain/json.ts'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { createNdjsonFormat } from '../../../src/formats/ndjson/ndjson-format.ts'
import { recordBytesMax } from '../../../src/formats/record-stream/limits.ts'
import { around, jsonObject } from '../support/arbitrary-json.ts'
import { chunksOf, codeOf, dropAll, guarded, masked, maskValue, permitAll, untouched } from '../support/guarded.ts'
import { maskPlainly } from '../support/plain-masking.ts'

const format = createNdjsonFormat({ maskValue })
const hideA: readonly Mask[] = [{ path: '/a', action: 'null' }]
/** Drops what has a member b, masks what has a member c, else passes. */
const drop = { drop: true } as const
const mask = { drop: false, masks: hideA } as const
const pass = { drop: false, masks: [] } as const
const byFacts: RecordPolicy = {
  kind: 'by-facts',
  facts: [
    { name: 'x.y/b', op: 'exists', path: '/b' },
    { name: 'x.y/c', op: 'exists', path: '/c' },
  ],
  decide: ([b, c]) => (b === true ? drop : c === true ? mask : pass),
}
const byRecord = (fields: readonly string[] | undefined): RecordPolicy => ({
  kind: 'by-record',
  fields,
  decide(json) {
    const record = JSON.parse(Buffer.from(json).toString()) as object
    return Object.hasOwn(record, 'b') ? drop : Object.hasOwn(record, 'c') ? mask : pass
  },
})

const line = fc.tuple(around, jsonObject, around).map((parts) => parts.join(''))
const document = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.oneof({ weight: 5, arbitrary: line }, { weight: 1, arbitrary: around }),
        fc.constantFrom('\n', '\r\n'),
      ),
      { maxLength: 6 },
    ),
    fc.option(line),
  )
  .map(([lines, last]) => lines.flat().join('') + (last ?? ''))
const cuts = (text: string) => fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 5 })
const recordsOf = (text: string) =>
  text
    .split('\n')
    .filter((each) => each.trim() !== '')
    .map((each) => JSON.parse(each) as Record<string, Json>)

describe('lines of JSON', () => {
  test.each<[string, RecordPolicy]>([
    ['facts', byFacts],
    ['the fields of records', byRecord(['b', 'c'])],
    ['whole records', byRecord(undefined)],
  ])('are decided by %s as their parsed records are, however they are cut', async (_, policy) => {
    await fc.assert(
      fc.asyncProperty(
        document.chain((text) => fc.tuple(fc.constant(text), cuts(text))),
        async ([text, at]) => {
          const records = recordsOf(text)
          const kept = records.filter((record) => !Object.hasOwn(record, 'b'))
          const expected = kept.map((record) => (Object.hasOwn(record, 'c') ? maskPlainly(record, hideA) : record))
          const result = await guarded(format, text, { policy, cuts: at })
          expect(recordsOf(result.text)).toEqual(expected)
          expect(result.counts).toEqual({ processed: records.length, returned: kept.length })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('keep their bytes where no mask touches them', async () => {
    const text = ' {"b":1.50}\r\n{"a" :\t"\\u0061"} \n{"x":[1e2]}'
    expect((await guarded(format, text)).text).toBe(text)
    expect((await guarded(format, text, { policy: masked({ path: '/a', action: 'hash' }) })).text).toMatch(
      /^ \{"b":1\.50\}\r\n\{"a" :\t"[0-9a-f]{64}"\} \n\{"x":\[1e2\]\}$/,
    )
  })

  test('pass untouched byte for byte, JSON or not, uncounted', async () => {
    const bytes = Buffer.from([0xff, 0x0a, 0x7b, 0x0a, 0x00, 0x0a])
    const result = await guarded(format, bytes, { policy: untouched, cuts: [1, 3] })
    expect(result.bytes.equals(bytes)).toBe(true)
    expect(result.counts).toEqual({ processed: -1, returned: -1 })
  })

  test('that pass untouched do not end cleanly where the last is cut short', async () => {
    expect(await codeOf(guarded(format, '{"a":1}\n{"a":', { policy: untouched, cuts: [3, 10] }))).toBe('format.corrupt')
    expect((await guarded(format, '{"a":1}\n{"a":2}', { policy: untouched, cuts: [3, 10] })).text).toBe(
      '{"a":1}\n{"a":2}',
    )
  })

  test('that pass untouched have no limit', async () => {
    const long = `{"a":"${'x'.repeat(recordBytesMax)}"}`
    expect((await guarded(format, long, { policy: untouched, cuts: [5, recordBytesMax] })).text === long).toBe(true)
  })

  test('that are all dropped, or none, are an empty document', async () => {
    expect(await guarded(format, '{}\n{}\n', { policy: dropAll })).toMatchObject({
      text: '',
      counts: { processed: 2, returned: 0 },
    })
    expect(await guarded(format, '')).toMatchObject({ text: '', counts: { processed: 0, returned: 0 } })
    expect(await guarded(format, '\n \n')).toMatchObject({ text: '', counts: { processed: 0, returned: 0 } })
  })

  test('are corrupt wherever the last is cut short, and what comes before it has been given', async () => {
    const first = '{"a":1}\n'
    const second = '{"c":["x",{"d":null}],"e":-1.5e3,"f":"\\ud83d\\ude00é"}'
    const bytes = Buffer.from(first + second)
    for (let end = first.length + 1; end < bytes.length; end++)
      expect(await codeOf(guarded(format, bytes.subarray(0, end))), `cut at ${end}`).toBe('format.corrupt')
    expect((await guarded(format, bytes)).counts.returned).toBe(2)
  })

  test.each(['[1]', '5', '"x"', 'null', '{"a":1} {"a":2}', '{"a":1,"a":2}', '{', '\ufeff{}'])(
    'refuse a line like %s',
    async (text) => {
      expect(await codeOf(guarded(format, `{}\n${text}\n`))).toBe('format.corrupt')
    },
  )

  test('say at which byte they are corrupt, and quote nothing', async () => {
    const thrown = await guarded(format, '{"a":1}\n{"secret":tru}\n', { cuts: [3, 11] }).catch(
      (error: unknown) => error,
    )
    expect(thrown).toMatchObject({
      code: 'format.corrupt',
      message: 'The data of this leaf is not valid in its format: malformed JSON at byte 21.',
    })
  })

  test('have a limit in bytes, however they come', async () => {
    const long = `{"a":"${'x'.repeat(recordBytesMax)}"}`
    expect(await codeOf(guarded(format, `${long}\n`))).toBe('format.limit')
    expect(await codeOf(guarded(format, long, { cuts: [10, 20, 1_000_000] }))).toBe('format.limit')
  })

  test('ask for the policy before anything is given, and give nothing when it throws or denies', async () => {
    const refuse = () => {
      throw new Error('refused')
    }
    expect(await codeOf(guarded(format, '{}\n', { policy: refuse }))).toBe('Error: refused')
    expect(await codeOf(guarded(format, '{}\n', { policy: { kind: 'deny', reasons: [] } }))).toBe('policy.denied')
  })

  test('are decided by a renewed policy from the next record on', async () => {
    const records = Array.from({ length: 2000 }, (_, index) => `{"a":${index}}\n`)
    let calls = 0
    const renew = () => (++calls === 3 ? masked({ path: '/a', action: 'null' }) : undefined)
    const given = (await guarded(format, records.join(''), { checkpoint: renew })).text.split('\n').slice(0, -1)
    const first = given.indexOf('{"a":null}')
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(1000)
    expect(given.slice(0, first)).toEqual(records.slice(0, first).map((each) => each.trim()))
    expect(new Set(given.slice(first))).toEqual(new Set(['{"a":null}']))
    expect(calls).toBeGreaterThan(2000 / 300)
  })

  test('that pass untouched come under a renewed policy with the next line, wherever the chunk is cut', async () => {
    const bytes = Buffer.from('{"a":1}\n{"a":2}\n{"a":3}\n{"a":4}')
    for (let cut = 1; cut < bytes.length; cut++) {
      let calls = 0
      const renew = () => (++calls === 2 ? masked({ path: '/a', action: 'null' }) : undefined)
      const { text } = await guarded(format, bytes, { policy: untouched, checkpoint: renew, cuts: [cut] })
      const whole = Math.ceil(cut / 8)
      expect(text).toBe(
        bytes.subarray(0, whole * 8).toString() + '{"a":null}\n{"a":null}\n{"a":null}\n{"a":null}'.slice(whole * 11),
      )
    }
  })

  test('end when the checkpoint throws or the signal fires, also where all is dropped', async () => {
    const text = '{"a":1}\n'.repeat(2000)
    let calls = 0
    const gone = () => {
      if (++calls === 2) throw new Error('gone')
      return undefined
    }
    expect(await codeOf(guarded(format, text, { policy: dropAll, checkpoint: gone }))).toBe('Error: gone')
    expect(
      await codeOf(guarded(format, text, { policy: dropAll, signal: AbortSignal.abort(new Error('aborted')) })),
    ).toBe('Error: aborted')
    expect(
      await codeOf(guarded(format, text, { policy: untouched, signal: AbortSignal.abort(new Error('aborted')) })),
    ).toBe('Error: aborted')
  })

  test('are read no faster than they are taken, and their source is closed when nobody wants more', async () => {
    let pulled = 0
    let closed = false
    async function* source() {
      try {
        for (;;) {
          pulled++
          yield Buffer.from('{"a":1}\n'.repeat(100))
        }
      } finally {
        closed = true
      }
    }
    const signal = new AbortController().signal
    const given = format
      .guard(source(), { policyFor: () => permitAll, counts: { processed: -1, returned: -1 }, signal })
      [Symbol.asyncIterator]()
    await given.next()
    await given.next()
    expect(pulled).toBeLessThanOrEqual(3)
    await given.return?.()
    expect(closed).toBe(true)
  })

  test('come through one byte at a time', async () => {
    const text = '{"a":"é😀"}\r\n\n{"b":2}'
    const bytes = Buffer.from(text)
    const single = chunksOf(bytes, Array.from(bytes.keys()))
    expect((await guarded(format, single)).text).toBe('{"a":"é😀"}\r\n{"b":2}')
  })
})
