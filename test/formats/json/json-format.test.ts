import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import type { RecordPolicy } from '../../../src/domain/record-policy.ts'
import { createJsonFormat } from '../../../src/formats/json/json-format.ts'
import { recordBytesMax } from '../../../src/formats/record-stream/limits.ts'
import { around, jsonObject } from '../support/arbitrary-json.ts'
import { chunksOf, codeOf, dropAll, guarded, masked, maskValue, permitAll, untouched } from '../support/guarded.ts'
import { maskPlainly } from '../support/plain-masking.ts'

const format = createJsonFormat({ maskValue })
const hideA = masked({ path: '/a', action: 'null' })
const policy: RecordPolicy = {
  kind: 'by-facts',
  facts: [{ name: 'x.y/b', op: 'exists', path: '/b' }],
  decide: ([b]) => (b === true ? { drop: true } : hideA.kind === 'constant' ? hideA.decision : { drop: true }),
}
const space = fc.constantFrom('', ' ', '\n\t', '\r\n')
const list = fc
  .tuple(space, fc.array(fc.tuple(around, jsonObject, space), { maxLength: 5 }), space)
  .map(([before, items, after]) => `${before}[${items.map((parts) => parts.join('')).join(',')}]${after}`)

describe('a JSON list', () => {
  test('is decided item by item as its parsed items are, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        list.chain((text) => fc.tuple(fc.constant(text), fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 5 }))),
        async ([text, cuts]) => {
          const items = JSON.parse(text) as readonly Json[]
          const kept = items.filter((item) => !Object.hasOwn(item as object, 'b'))
          const result = await guarded(format, text, { policy, cuts })
          expect(JSON.parse(result.text)).toEqual(
            kept.map((item) => maskPlainly(item, [{ path: '/a', action: 'null' }])),
          )
          expect(result.counts).toEqual({ processed: items.length, returned: kept.length })
          expect((await guarded(format, text, { policy: permitAll, cuts })).text).toBe(text)
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each([
    ['[]', '[]'],
    [' [ \n ] ', ' [ \n ] '],
    ['[{}]', '[]'],
    ['\n[ {"a":1} , {"b":[{}]} ]\n', '\n[]\n'],
  ])('%j of which all is dropped is %j', async (text, expected) => {
    expect((await guarded(format, text, { policy: dropAll })).text).toBe(expected)
  })

  test('is not ended by brackets, commas and quotes in texts', async () => {
    const text = '[{"a":"\\"],"},{"a":"\\\\"},{"b\\"}]":["\\\\\\"",{}]}]'
    for (let cut = 0; cut <= text.length; cut++)
      expect(await guarded(format, text, { cuts: [cut] })).toMatchObject({ text, counts: { returned: 3 } })
  })

  test('with some dropped stays valid', async () => {
    for (const [text, expected] of [
      ['[{"b":1},{"a":2}]', '[{"a":null}]'],
      ['[{"a":2},{"b":1}]', '[{"a":null}]'],
      ['[{"b":1}, {"a":2},\n{"b":1}, {"a":3} ]', '[ {"a":null}, {"a":null} ]'],
    ] as const)
      expect((await guarded(format, text, { policy })).text).toBe(expected)
  })

  test('is corrupt wherever it is cut short', async () => {
    const bytes = Buffer.from('[{"a":"x]}","b":[1,{"c":null}]},\n{"a":"é\\"]"}]')
    for (let end = 0; end < bytes.length; end++) {
      expect(await codeOf(guarded(format, bytes.subarray(0, end))), `cut at ${end}`).toBe('format.corrupt')
      expect(
        await codeOf(guarded(format, bytes.subarray(0, end), { policy: dropAll, cuts: [end >> 1] })),
        `cut at ${end}`,
      ).toBe('format.corrupt')
    }
  })

  test.each([
    '[,]',
    '[{},]',
    '[,{}]',
    '[{} {}]',
    '[{}}',
    '[{}]]',
    '[{}] x',
    '[{}],',
    '[1]',
    '[[]]',
    '[{"a":]}',
    '[{]',
    '[{"a":1,"a":2}]',
    '[}',
    '{}[',
    ']',
    '{"a"',
    '',
  ])('that is malformed is refused: %j', async (text) => {
    expect(await codeOf(guarded(format, text))).toBe('format.corrupt')
    if (text.length > 1) expect(await codeOf(guarded(format, text, { cuts: [1] }))).toBe('format.corrupt')
  })

  test('says where it is corrupt', async () => {
    const message = async (text: string, cuts: readonly number[]) =>
      ((await guarded(format, text, { cuts }).catch((error: unknown) => error)) as Error).message
    for (const cuts of [[], [2], [9], [11, 12]])
      expect(await message(' [{"a":1},{"b":x}]', cuts)).toMatch(/at byte 15\.$/)
  })

  test('streams: items are given before the list ends, and none is held longer than itself', async () => {
    let pulled = 0
    async function* source() {
      yield Buffer.from('[{}')
      for (; pulled < 1_000; pulled++) yield Buffer.from(`,{"a":"${'x'.repeat(100_000)}"}`)
      yield Buffer.from(']')
    }
    let given = 0
    let most = 0
    const counts = { processed: -1, returned: -1 }
    for await (const chunk of format.guard(source(), {
      policyFor: () => permitAll,
      counts,
      signal: new AbortController().signal,
    })) {
      given += chunk.length
      most = Math.max(most, pulled * 100_009 - given)
    }
    expect(counts.returned).toBe(1_001)
    expect(most).toBeLessThan(400_000)
  })

  test('has a limit for each item, not for the whole', async () => {
    const item = `{"a":"${'x'.repeat(recordBytesMax / 2)}"}`
    expect((await guarded(format, `[${[item, item, item].join()}]`)).counts.returned).toBe(3)
    expect(await codeOf(guarded(format, `[{"a":"${'x'.repeat(recordBytesMax)}"}]`))).toBe('format.limit')
  })

  test('comes under a renewed policy with the next item', async () => {
    let calls = 0
    const text = `[${Array.from({ length: 1000 }, () => '{"a":1}').join()}]`
    const items = JSON.parse(
      (await guarded(format, text, { checkpoint: () => (++calls === 2 ? hideA : undefined) })).text,
    ) as { readonly a: Json }[]
    const first = items.findIndex(({ a }) => a === null)
    expect(first).toBeGreaterThan(0)
    expect(items.slice(first).every(({ a }) => a === null)).toBe(true)
    expect(items).toHaveLength(1000)
  })
})

describe('a JSON document that is no list', () => {
  test('is one record', async () => {
    const text = ' {"a":1, "b":[{"a":2}]}\n'
    expect(await guarded(format, text, { policy: hideA, cuts: [1, 3, 9] })).toMatchObject({
      text: ' {"a":null, "b":[{"a":2}]}\n',
      counts: { processed: 1, returned: 1 },
    })
  })

  test('is null where it is dropped', async () => {
    expect(await guarded(format, '{"a":1}', { policy: dropAll })).toMatchObject({
      text: 'null',
      counts: { processed: 1, returned: 0 },
    })
  })

  test('is refused when it is no object, and when it is cut short', async () => {
    for (const text of ['5', '"x"', 'null', ' ', '\ufeff{}'])
      expect(await codeOf(guarded(format, text))).toBe('format.corrupt')
    const text = '{"a":[1,{"b":"é"}]}'
    for (let end = 0; end < text.length; end++)
      expect(await codeOf(guarded(format, text.slice(0, end)))).toBe('format.corrupt')
  })

  test('has a limit in bytes', async () => {
    expect(await codeOf(guarded(format, `{"a":"${'x'.repeat(recordBytesMax)}"}`, { cuts: [1000, 100_000] }))).toBe(
      'format.limit',
    )
    expect(await codeOf(guarded(format, Buffer.alloc(recordBytesMax + 1, 0x20), { cuts: [1000] }))).toBe('format.limit')
  })
})

describe('JSON that no rule looks at', () => {
  test('passes byte for byte, valid or not', async () => {
    for (const text of ['[{"a":1}]', ' {"a":x} ', '[\u0000,,]', '[]]', '5', '{"a":"[,"}', '[ ]']) {
      for (const cuts of [[], [1], [1, text.length - 1]]) {
        const result = await guarded(format, text, { policy: untouched, cuts })
        expect(result.text).toBe(text)
        expect(result.counts).toEqual({ processed: -1, returned: -1 })
      }
    }
  })

  test('does not end cleanly where it is cut short', async () => {
    for (const text of ['[{"a":"]"},{"b":[]}]', '{"a":"}","b":[{}]}']) {
      for (let end = 0; end < text.length; end++)
        expect(
          await codeOf(guarded(format, text.slice(0, end), { policy: untouched, cuts: [end >> 1] })),
          `${text} cut at ${end}`,
        ).toBe('format.corrupt')
    }
  })

  test('comes under a renewed policy with the next item, wherever it is cut', async () => {
    const text = ' [{"a":1}, {"a":"],"} ,{"a":3},{"a":4}] '
    const items = JSON.parse(text) as readonly Json[]
    /** Of each item, where its first byte or white space is. */
    const starts = [2, 10, 23, 31]
    const renewals = [
      [hideA, () => [{ a: null }]],
      [dropAll, () => []],
      [permitAll, (item: Json) => [item]],
    ] as const
    for (const [renewed, then] of renewals) {
      for (let cut = 3; cut < text.length; cut++) {
        let calls = 0
        const checkpoint = () => (++calls === 2 ? renewed : undefined)
        const given = await guarded(format, text, { policy: untouched, checkpoint, cuts: [cut] })
        expect(JSON.parse(given.text)).toEqual(
          items.flatMap((item, index) => (starts[index]! < cut ? [item] : then(item))),
        )
        if (renewed === permitAll) expect(given.text).toBe(text)
      }
    }
  })

  test('that is one record stays under the policy that it began under, unless that is taken away', async () => {
    const source = () => chunksOf(Buffer.from('{"a":1}'), [4])
    expect((await guarded(format, source(), { policy: untouched, checkpoint: () => dropAll })).text).toBe('{"a":1}')
    expect(
      await codeOf(guarded(format, source(), { policy: untouched, checkpoint: () => ({ kind: 'deny', reasons: [] }) })),
    ).toBe('policy.denied')
  })
})
