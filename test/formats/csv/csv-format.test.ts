import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateFact } from '../../../src/domain/facts.ts'
import type { Json } from '../../../src/domain/json.ts'
import type { RecordPolicy, RecordSchema } from '../../../src/domain/record-policy.ts'
import { createCsvFormat, createTsvFormat } from '../../../src/formats/csv/csv-format.ts'
import { recordBytesMax } from '../../../src/formats/record-stream/limits.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'
import {
  chunksOf,
  codeOf,
  dropAll,
  guarded,
  masked,
  maskedIf,
  maskValue,
  permitAll,
  untouched,
} from '../support/guarded.ts'
import { parseTable } from './parse-table.ts'

const csv = createCsvFormat({ maskValue })
const tsv = createTsvFormat({ maskValue })

const columns = ['id', 'näme', '__proto__', 'a/b', 'x y'] as const
const field = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.constantFrom('', '"', 'a,b', 'a\tb', 'a\r\nb', '\n', '""', ' x '),
)
const table = (delimiter: string) =>
  fc
    .record({
      rows: fc.array(fc.array(field, { minLength: columns.length, maxLength: columns.length }), { maxLength: 5 }),
      quoteAll: fc.boolean(),
      ending: fc.constantFrom('\n', '\r\n'),
      ends: fc.boolean(),
    })
    .map(({ rows, quoteAll, ending, ends }) => {
      const write = (text: string) => (quoteAll || /["\r\n,\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
      const lines = [columns, ...rows].map((row) => row.map(write).join(delimiter))
      return { rows, text: lines.join(ending) + (ends ? ending : '') }
    })

const byRecord = (
  fields: readonly string[] | undefined,
  keep: (record: Readonly<Record<string, string>>) => boolean,
): RecordPolicy => ({
  kind: 'by-record',
  fields,
  decide: (json) =>
    keep(JSON.parse(Buffer.from(json).toString()) as Record<string, string>)
      ? { drop: false, masks: [] }
      : { drop: true },
})

describe.each([
  ['comma', csv, ','],
  ['tab', tsv, '\t'],
] as const)('a table separated by %ss', (_, format, delimiter) => {
  const cutTable = table(delimiter).chain((one) =>
    fc.tuple(fc.constant(one), fc.array(fc.nat(Buffer.byteLength(one.text)), { maxLength: 5 })),
  )

  test('is read as its plain reading, however it is cut, and keeps its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(cutTable, async ([{ rows, text }, cuts]) => {
        const seen: Json[] = []
        const policy = byRecord(undefined, (record) => seen.push(record) > 0)
        const result = await guarded(format, text, { policy, cuts })
        expect(result.text).toBe(text)
        expect(seen).toEqual(
          rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))),
        )
        expect(parseTable(text, delimiter).slice(1)).toEqual(rows)
      }),
      { numRuns: 300 },
    )
  })

  test('is masked in the columns that are named, and nowhere else', async () => {
    const policy = masked(
      { path: '/id', action: 'null' },
      { path: '/a~1b', action: 'constant', value: 'x,"\t\n' },
      { path: '/__proto__', action: 'truncate', to: 1 },
    )
    await fc.assert(
      fc.asyncProperty(cutTable, async ([{ rows, text }, cuts]) => {
        const result = await guarded(format, text, { policy, cuts })
        const expected = rows.map(([, name, proto, , xy]) => [
          '',
          name!,
          Array.from(proto!).slice(0, 1).join(''),
          'x,"\t\n',
          xy!,
        ])
        expect(parseTable(result.text, delimiter)).toEqual([columns, ...expected])
        expect(result.counts).toEqual({ processed: rows.length, returned: rows.length })
      }),
      { numRuns: 300 },
    )
  })

  test('keeps its header when all rows are dropped', async () => {
    await fc.assert(
      fc.asyncProperty(cutTable, async ([{ rows, text }, cuts]) => {
        const result = await guarded(format, text, { policy: dropAll, cuts })
        expect(parseTable(result.text, delimiter)).toEqual([columns])
        expect(result.counts).toEqual({ processed: rows.length, returned: 0 })
      }),
      { numRuns: 50 },
    )
  })
})

describe('a table', () => {
  test('hands a rule the fields it reads', async () => {
    const seen: Json[] = []
    await guarded(csv, 'a,b,c\n1,2,3\n', { policy: byRecord(['c', 'a', 'gone'], (record) => seen.push(record) > 0) })
    expect(seen).toEqual([{ a: '1', c: '3' }])
  })

  test('is decided by facts', async () => {
    const policy: RecordPolicy = {
      kind: 'by-facts',
      facts: [
        { name: 'x.y/a', op: 'equals', path: '/b', operand: 'no' },
        { name: 'x.y/b', op: 'any', path: '/**', operand: 'never' },
      ],
      decide: ([no, never]) => (no === true || never === true ? { drop: true } : { drop: false, masks: [] }),
    }
    expect((await guarded(csv, 'a,b\n1,no\n2,yes\nnever,yes\n3,"no"\n', { policy })).text).toBe('a,b\n2,yes\n')
  })

  test('has the facts of its records', async () => {
    const record = { a: '1', 'x/y': 'two', '*': 'three', __proto__: 'four' }
    const paths = [
      '/a',
      '/x~1y',
      '/*',
      '/**',
      '/**/a',
      '/a/b',
      '/a/**',
      '/gone',
      '/**/gone',
      '/*/*',
      '/__proto__',
      '/toString',
    ]
    const facts = paths.flatMap((path) =>
      (['exists', 'get', 'any', 'all', 'equals'] as const).map((op) => ({ name: 'x.y/z', op, path, operand: 'two' })),
    )
    let seen: Json = null
    const policy: RecordPolicy = {
      kind: 'by-facts',
      facts,
      decide(values) {
        seen = values.map((value) => value ?? 'absent')
        return { drop: true }
      },
    }
    await guarded(csv, 'a,x/y,*,__proto__\n1,two,three,four', { policy })
    const plain = Object.fromEntries([...Object.entries(record), ['__proto__', 'four']])
    expect(seen).toEqual(facts.map((fact) => evaluateFact(fact, plain) ?? 'absent'))
  })

  test('rounds numbers that are texts', async () => {
    expect(
      (await guarded(csv, 'a,b\n14,x\n"15.0",y\n1 4,z\n', { policy: masked({ path: '/a', action: 'round', to: 10 }) }))
        .text,
    ).toBe('a,b\n10,x\n20,y\n,z\n')
  })

  test('of one column has no blank row where a field is masked', async () => {
    expect((await guarded(csv, 'a\nx\n\ny', { policy: masked({ path: '/a', action: 'null' }) })).text).toBe(
      'a\n""\n""\n""',
    )
  })

  test('skips blank lines where it has more columns', async () => {
    expect(await guarded(csv, 'a,b\n1,2\n\n\r\n3,4\n')).toMatchObject({
      text: 'a,b\n1,2\n3,4\n',
      counts: { processed: 2, returned: 2 },
    })
  })

  test('keeps the byte order mark, which is not part of a name', async () => {
    expect((await guarded(csv, '\ufeffa,b\n1,2\n', { policy: masked({ path: '/a', action: 'null' }) })).text).toBe(
      '\ufeffa,b\n,2\n',
    )
  })

  test.each([
    ['a,b\n1\n', 'too few fields'],
    ['a,b\n1,2,3\n', 'too many fields'],
    ['a,b\n1,x"y\n', 'a quote inside a field'],
    ['a,b\n1,"x"y\n', 'text after a quote'],
    ['a,b\n1,"x\n', 'a quote that does not end'],
    ['a,b\n1,x\ry\n', 'a carriage return inside a field'],
    ['a,b\r1,2\r', 'carriage returns alone'],
    ['a,a\n1,2\n', 'a column twice'],
    ['a,"b\n1,2\n', 'a header that does not end'],
  ])('%j is corrupt: %s', async (text) => {
    for (const policy of [permitAll, dropAll])
      expect(await codeOf(guarded(csv, text, { policy }))).toBe('format.corrupt')
  })

  test('is corrupt where it is not UTF-8', async () => {
    expect(await codeOf(guarded(csv, Buffer.from([0x61, 0x0a, 0xff, 0x0a])))).toBe('format.corrupt')
    expect(await codeOf(guarded(csv, Buffer.from([0xff, 0x0a, 0x61, 0x0a])))).toBe('format.corrupt')
    expect(await codeOf(guarded(csv, Buffer.from([0x61, 0x0a, 0x22, 0xff, 0x22, 0x0a])))).toBe('format.corrupt')
  })

  test('is never whole with fewer records where it is cut short inside a row', async () => {
    const text = 'a,b\n"x,\n""y""",1\n"z",2'
    for (let end = 1; end < text.length; end++) {
      const result = await guarded(csv, text.slice(0, end)).catch((error: unknown) => error)
      if (result instanceof Error) expect(result).toMatchObject({ code: 'format.corrupt' })
      else expect((result as { readonly text: string }).text).toBe(text.slice(0, end).replace(/\n$/, '\n'))
    }
  })

  test('gives nothing, not even its header, before a first row that is refused', async () => {
    const settings = { policyFor: () => permitAll, counts: { processed: -1, returned: -1 } }
    const { signal } = new AbortController()
    const chunks = csv.guard(chunksOf(Buffer.from('a,b\nonly one\n'), [4]), { ...settings, signal })
    await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'format.corrupt' })
  })

  test('gives nothing, not even its header, where a decision about a row asks for a column that is not there', async () => {
    const unknown = maskedIf([parseMask({ path: '/salary', action: 'null' })])
    const decide = () => unknown
    for (const policy of [
      { kind: 'by-facts', facts: [], decide },
      { kind: 'by-record', fields: [], decide },
    ] as const) {
      const { signal } = new AbortController()
      const settings = { policyFor: () => policy, counts: { processed: -1, returned: -1 }, signal }
      const chunks = csv.guard(chunksOf(Buffer.from('a,b\n1,2\n3,4\n'), [4]), settings)
      await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'mask.path_unknown' })
    }
  })

  test('passes untouched whatever it is', async () => {
    for (const text of ['a,a\n1', 'x,y\n1\n\r2\n3,4', '', `${'x'.repeat(recordBytesMax + 10)}\n1,2`]) {
      const result = await guarded(csv, text, { policy: untouched, cuts: text === '' ? [] : [1] })
      expect(result.text === text).toBe(true)
      expect(result.counts).toEqual({ processed: -1, returned: -1 })
    }
  })

  test('that passes untouched does not end cleanly where it is cut short', async () => {
    for (const text of ['a,b\n1', 'a,b\n1,"x', 'a,b\n1,"x\n', 'a,"b', 'a,b\r'])
      expect(await codeOf(guarded(csv, text, { policy: untouched, cuts: [1] })), text).toBe('format.corrupt')
  })

  test('that passes untouched comes under a renewed policy with the next row, wherever the chunk is cut', async () => {
    const text = 'a,b\n1,"x\ny"\n2,"""\n"\n3,z\n'
    const rows = ['a,b\n', '1,"x\ny"\n', '2,"""\n"\n', '3,z\n']
    for (let cut = 5; cut < text.length; cut++) {
      let calls = 0
      const checkpoint = () => (++calls === 3 ? masked({ path: '/b', action: 'null' }) : undefined)
      const { text: given } = await guarded(csv, text, { policy: untouched, checkpoint, cuts: [4, cut] })
      let passed = 0
      const expected = rows.map((row, index) => {
        passed += row.length
        return index === 0 || passed - row.length < cut ? row : `${row[0]},\n`
      })
      expect(given).toBe(expected.join(''))
    }
  })

  test('without a byte is an empty table', async () => {
    expect(await guarded(csv, '', { policy: masked({ path: '/a', action: 'null' }) })).toMatchObject({
      text: '',
      counts: { processed: 0, returned: 0 },
    })
  })

  test('has a limit for each row', async () => {
    const long = 'x'.repeat(recordBytesMax + 1)
    expect(await codeOf(guarded(csv, `a\n${long}\n`))).toBe('format.limit')
    expect(await codeOf(guarded(csv, `a\n"${long}`, { cuts: [10, 1_000_000] }))).toBe('format.limit')
    expect(await codeOf(guarded(csv, `${long}\n`))).toBe('format.limit')
    expect(await codeOf(guarded(csv, `${'x,'.repeat(5000)}\n`))).toBe('format.limit')
  })

  test('knows the masks that its columns can hold', async () => {
    let schema: RecordSchema | undefined
    const remember = (given: RecordSchema) => {
      schema = given
      return untouched
    }
    await guarded(csv, 'a,b/c,*\n', { policy: remember })
    const verdict = (mask: Json) => schema!.accepts(parseMask(mask))
    expect(verdict({ path: '/a', action: 'remove' })).toBe('ok')
    expect(verdict({ path: '/b~1c', action: 'hash' })).toBe('ok')
    expect(verdict({ path: '/b', action: 'null' })).toBe('path_unknown')
    expect(verdict({ path: '/a/b', action: 'null' })).toBe('path_unknown')
    expect(verdict({ path: '/*', action: 'null' })).toBe('path_unknown')
    expect(verdict({ path: '/a', action: 'constant', value: {} })).toBe('not_expressible')
    expect(schema!.canCompute({ name: 'x.y/z', op: 'exists', path: '/a' })).toBe(true)
  })
})
