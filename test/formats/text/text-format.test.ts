import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import type { RecordPolicy, RecordSchema } from '../../../src/domain/record-policy.ts'
import { createTextFormat } from '../../../src/formats/text/text-format.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'
import { codeOf, dropAll, guarded, masked, maskValue, untouched } from '../support/guarded.ts'

const format = createTextFormat({ maskValue })

const line = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll(/[\r\n]/g, ''))
const text = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 6 }), line)
  .map(([lines, last]) => ({
    lines: [...lines.map(([each]) => each), ...(last === '' ? [] : [last])],
    text: lines.flat().join('') + last,
  }))

const keepsLongOnly: RecordPolicy = {
  kind: 'by-record',
  fields: ['line'],
  decide(json) {
    const { line: each } = JSON.parse(Buffer.from(json).toString()) as { readonly line: string }
    return each.length < 3 ? { drop: true } : { drop: false, masks: [] }
  },
}

describe('lines of text', () => {
  test('are records with one field, and keep their endings', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(60), { maxLength: 4 }), async ({ lines, text: whole }, cuts) => {
        const at = cuts.filter((cut) => cut <= Buffer.byteLength(whole))
        const seen: string[] = []
        const policy: RecordPolicy = {
          kind: 'by-record',
          fields: undefined,
          decide(json) {
            const record = JSON.parse(Buffer.from(json).toString()) as { readonly line: string }
            expect(Object.keys(record)).toEqual(['line'])
            seen.push(record.line)
            return { drop: false, masks: [] }
          },
        }
        expect((await guarded(format, whole, { policy, cuts: at })).text).toBe(whole)
        expect(seen).toEqual(lines)
        const hidden = await guarded(format, whole, {
          policy: masked({ path: '/line', action: 'constant', value: 'x' }),
          cuts: at,
        })
        expect(
          hidden.text
            .replaceAll('\r', '')
            .split('\n')
            .filter((each) => each !== ''),
        ).toEqual(lines.map(() => 'x'))
        expect(hidden.counts).toEqual({ processed: lines.length, returned: lines.length })
      }),
      { numRuns: 300 },
    )
  })

  test('are masked within their endings', async () => {
    const hide = (mask: Json, lines: string) =>
      guarded(format, lines, { policy: masked(mask) }).then((result) => result.text)
    expect(await hide({ path: '/line', action: 'null' }, 'a\r\nb\n\nc')).toBe('\r\n\n\n')
    expect(await hide({ path: '/line', action: 'remove' }, 'a\n')).toBe('\n')
    expect(await hide({ path: '/line', action: 'truncate', to: 1 }, 'ab\r\r\ncd\r')).toBe('a\r\nc')
    expect(await hide({ path: '/line', action: 'partial', keepLast: 2, fill: '*' }, '12345\r\n😀😀😀')).toBe(
      '***45\r\n*😀😀',
    )
    expect(await hide({ path: '/line', action: 'round', to: 10 }, '14.9\nabc\n1e1\n')).toBe('10\n\n10\n')
  })

  test('are decided by facts', async () => {
    const policy: RecordPolicy = {
      kind: 'by-facts',
      facts: [{ name: 'x.y/z', op: 'equals', path: '/line', operand: 'secret' }],
      decide: ([secret]) => (secret === true ? { drop: true } : { drop: false, masks: [] }),
    }
    expect((await guarded(format, 'a\nsecret\r\nb\nsecret', { policy })).text).toBe('a\nb\n')
  })

  test('are dropped whole', async () => {
    expect(await guarded(format, 'a\n\nb', { policy: dropAll })).toMatchObject({
      text: '',
      counts: { processed: 3, returned: 0 },
    })
    expect((await guarded(format, 'abc\nd\nefg\n', { policy: keepsLongOnly })).text).toBe('abc\nefg\n')
  })

  test('must be UTF-8 where they are looked at, and need not where they pass untouched', async () => {
    const bytes = Buffer.from([0x61, 0x0a, 0xc3, 0x0a])
    expect(await codeOf(guarded(format, bytes))).toBe('format.corrupt')
    expect((await guarded(format, bytes, { policy: untouched })).bytes.equals(bytes)).toBe(true)
  })

  test('know one path, and only masks that leave a line a line', async () => {
    let schema: RecordSchema | undefined
    const remember = (given: RecordSchema) => {
      schema = given
      return untouched
    }
    await guarded(format, '', { policy: remember })
    const verdict = (mask: Json) => schema!.accepts(parseMask(mask))
    expect(verdict({ path: '/line', action: 'null' })).toBe('ok')
    expect(verdict({ path: '/line/a', action: 'null' })).toBe('path_unknown')
    expect(verdict({ path: '/*', action: 'null' })).toBe('path_unknown')
    expect(verdict({ path: '/line', action: 'constant', value: ['x'] })).toBe('not_expressible')
    expect(verdict({ path: '/line', action: 'constant', value: 'a\nb' })).toBe('not_expressible')
    expect(verdict({ path: '/line', action: 'partial', keepFirst: 1, fill: '\r' })).toBe('not_expressible')
  })
})
