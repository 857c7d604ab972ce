import { describe, expect, test } from 'vitest'
import { type Evidence, leafByClues, mediaTypeOf } from '../../src/catalogue/leaf-type.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'

describe('the type of a leaf', () => {
  test.each([
    ['Obj\u0001…', 'avro/binary'],
    ['PAR1…', 'application/vnd.apache.parquet'],
    [Buffer.from('1f8b08', 'hex'), 'application/gzip'],
    [Buffer.from('28b52ffd00', 'hex'), 'application/zstd'],
    [' [1, 2', 'application/json'],
    ['{\n "a": 1\n}', 'application/json'],
    ['{"a": 1}\n', 'application/x-ndjson'],
    ['{"a": 1}\n{"a"', 'application/x-ndjson'],
    ['{"a": 1', 'application/json'],
    ['a,b\n1,2\n', undefined],
    ['', undefined],
    ['Ob', undefined],
  ])('by the first bytes %j is %s', (start, mediaType) => {
    expect(mediaTypeOf(Buffer.from(start as string))).toBe(mediaType)
  })

  const types = [{ suffix: '.avro', mediaType: 'avro/binary', recordType: 'Employee' }]
  const all: readonly Evidence[] = ['metadata', 'extension', 'content']

  async function typeOf(name: string, metadata: object, content = '', detect = all) {
    const id = parseResourceId(`file:/data/${name}`)
    const clues = { metadata: async () => metadata, content: async () => Buffer.from(content) }
    const leaf = await leafByClues({ id: parseResourceId('file:/data/'), types, detect }, id, clues)
    return [leaf.mediaType, leaf.recordType]
  }

  test.each([
    ['x.avro', { mediaType: 'text/csv' }, '', ['text/csv', 'Employee']],
    ['x.avro', { mediaType: 'application/octet-stream' }, '', ['avro/binary', 'Employee']],
    ['x.avro', { mediaType: 'binary/octet-stream', recordType: 'Payment' }, '', ['avro/binary', 'Payment']],
    ['x.avro', { mediaType: 'no type at all', recordType: 'has space' }, '', ['avro/binary', 'Employee']],
    ['x', { recordType: 'x'.repeat(257) }, 'Obj\u0001', ['avro/binary', 'Employee']],
    ['x', {}, '[]', ['application/json', 'bytes']],
    ['x', {}, 'nothing', ['application/octet-stream', 'bytes']],
  ])('of %s with metadata %j and content %j is %j', async (name, metadata, content, expected) => {
    expect(await typeOf(name, metadata, content)).toEqual(expected)
  })

  test('comes from nothing but what is allowed to tell, in that order', async () => {
    expect(await typeOf('x.avro', { mediaType: 'text/csv' }, '[]', ['extension', 'metadata'])).toEqual([
      'avro/binary',
      'Employee',
    ])
    expect(await typeOf('x.avro', { mediaType: 'text/csv' }, '[]', ['content'])).toEqual([
      'application/json',
      'Employee',
    ])
    expect(await typeOf('x', { mediaType: 'text/csv', recordType: 'Payment' }, '[]', ['extension'])).toEqual([
      'application/octet-stream',
      'bytes',
    ])
  })
})
