/** JSON, tables, lines and Parquet in other shapes, wherever the chunks are cut. */
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import type { Shaper } from '../../../src/formats/shaper.ts'
import { createJsonShaper, createNdjsonShaper } from '../../../src/formats/shapes/json-shapers.ts'
import { createParquetShaper } from '../../../src/formats/shapes/parquet-shaper.ts'
import { createCsvShaper, createTsvShaper } from '../../../src/formats/shapes/table-shapers.ts'
import { createTextShaper } from '../../../src/formats/shapes/text-shaper.ts'

const { signal } = new AbortController()

async function* pieces(content: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function run(
  way: 'toNdjson' | 'project',
  shaper: Shaper,
  content: string | Uint8Array,
  columns?: readonly string[],
): Promise<string> {
  const texts = new Set<string>()
  // a cut may fall anywhere
  for (const size of [1, 7, 100_000]) {
    const options = { columns: columns ?? [], records: { count: 0 }, signal }
    const shape = way === 'project' ? shaper.project! : shaper.toNdjson
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of shape(
      pieces(content, size),
      columns === undefined ? { ...options, columns: undefined as never } : options,
    ))
      text += decoder.decode(chunk, { stream: true })
    texts.add(text)
  }
  expect(texts.size).toBe(1)
  return [...texts][0]!
}

describe('JSON', () => {
  test.each([
    ['[]', '', '[]\n'],
    [' [ ] \n', '', '[]\n'],
    ['[{"a":1,"b":2}]', '{"a":1}\n', '[{"a":1}]\n'],
    ['[\n  {"b": 2,\n "a": [1,\r\n 2]},\n {"b": 3}\n]\n', '{"a": [1, 2]}\n{}\n', '[{"a": [1, 2]},\n{}]\n'],
    ['{"b": "]", "a": 1e400}', '{"a": 1e400}\n', '{"a": 1e400}\n'],
    ['null', '', 'null\n'],
    ['[{"a":"x\\ny","b":"é"}]', '{"a":"x\\ny"}\n', '[{"a":"x\\ny"}]\n'],
  ])('%j gives lines and lists of chosen members', async (content, lines, list) => {
    expect(await run('toNdjson', createJsonShaper(), content, ['a'])).toBe(lines)
    expect(await run('project', createJsonShaper(), content, ['a'])).toBe(list)
  })

  test('names with escapes are the same names', async () => {
    expect(await run('toNdjson', createNdjsonShaper(), '{"\\u0061":1,"b":2}\n\n{"b":3}', ['a'])).toBe(
      '{"\\u0061":1}\n{}\n',
    )
  })

  test('lines without a choice keep every value as it is spelled', async () => {
    expect(await run('toNdjson', createJsonShaper(), '[{"n":1.10,\n"m":12345678901234567890}]')).toBe(
      '{"n":1.10,"m":12345678901234567890}\n',
    )
  })

  test.each([
    '[1]',
    '[null]',
    '[{"a":1}',
    '"x"',
    '[{"a":1}][{"a":2}]',
    '[{"a":1}] x',
    '[]]',
    '[{"a":1},]',
    '[,{"a":1}]',
    '[{"a":1}}',
  ])('%s is refused or cut', async (content) => {
    await expect(run('toNdjson', createJsonShaper(), content)).rejects.toMatchObject({ code: 'format.corrupt' })
  })
})

describe('tables', () => {
  test('quotes, line breaks and empty fields survive', async () => {
    const csv = '\ufeffa,"b ""x""",c\r\n1,"x,\n""y""",\r\n,,3\n'
    expect(await run('toNdjson', createCsvShaper(), csv)).toBe(
      '{"a":"1","b \\"x\\"":"x,\\n\\"y\\"","c":""}\n{"a":"","b \\"x\\"":"","c":"3"}\n',
    )
    expect(await run('project', createCsvShaper(), csv, ['c', 'b "x"'])).toBe('"b ""x""",c\r\n"x,\n""y""",\r\n,3\r\n')
  })

  test('one column that is empty is no blank line', async () => {
    expect(await run('project', createTsvShaper(), 'a\tb\n\t1\n2\t3\n', ['a'])).toBe('a\r\n""\r\n2\r\n')
  })

  test('a table of a header alone stays one', async () => {
    expect(await run('project', createCsvShaper(), 'a,b\n', ['b'])).toBe('b\r\n')
    expect(await run('toNdjson', createCsvShaper(), 'a,b\n')).toBe('')
    expect(await run('toNdjson', createCsvShaper(), '')).toBe('')
  })

  test('a row of another width is refused', async () => {
    await expect(run('toNdjson', createCsvShaper(), 'a,b\n1\n')).rejects.toMatchObject({ code: 'format.corrupt' })
  })
})

describe('text', () => {
  test('lines are records, also the last without an ending', async () => {
    expect(await run('toNdjson', createTextShaper(), 'a\r\n\n"é', ['line'])).toBe(
      '{"line":"a"}\n{"line":""}\n{"line":"\\"é"}\n',
    )
    await expect(run('toNdjson', createTextShaper(), 'a\n', ['x'])).rejects.toMatchObject({ code: 'request.invalid' })
  })
})

describe('Parquet', () => {
  const file = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: [1n, 9_007_199_254_740_993n, 3n], type: 'INT64' },
        { name: 'name', data: ['a', 'b"', 'c'], type: 'STRING' },
        { name: 'at', data: [new Date(0), new Date(1), new Date(2)], type: 'TIMESTAMP' },
      ],
      rowGroupSize: 2,
    }),
  )

  test('rows become lines, with every digit', async () => {
    expect((await run('toNdjson', createParquetShaper(), file, ['id', 'name'])).split('\n')).toEqual([
      '{"id":1,"name":"a"}',
      '{"id":9007199254740993,"name":"b\\""}',
      '{"id":3,"name":"c"}',
      '',
    ])
    expect((await run('toNdjson', createParquetShaper(), file, ['at'])).split('\n')[1]).toMatch(
      /^\{"at":"1970-01-01T00:00:00\.001(?:000)?Z"\}$/u,
    )
  })

  test('a column that is not there is named', async () => {
    await expect(run('toNdjson', createParquetShaper(), file, ['nope'])).rejects.toMatchObject({
      message: 'columns: this leaf has no column "nope"',
    })
  })
})
