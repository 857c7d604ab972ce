import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordDecision } from '../../../src/domain/decision.ts'
import { createAvroFormat } from '../../../src/formats/avro/avro-format.ts'
import { codecOf } from '../../../src/formats/avro/codecs.ts'
import { AvroFault, blockBytesMax } from '../../../src/formats/avro/limits.ts'
import { snappyCompress, snappyDecompress } from '../../../src/formats/avro/snappy.ts'
import { zstandardCompress, zstandardDecompress } from '../../../src/formats/avro/zstandard.ts'
import { maskValue } from '../../../src/policy/masks/mask-value.ts'
import { readAll } from '../../conformance/format.ts'
import { decodeAvro, headerOf } from './samples.ts'

const format = createAvroFormat({ maskValue })
const codecs = ['null', 'deflate', 'snappy', 'zstandard']

/** Written by fastavro 1.13.1: `{"id": f"id {i}", "note": None if i % 3 == 0 else f"note {i} " * 5, "n": i * 10**12, "xs": list(range(i % 7))}`, i below 100, sync_interval 1500. */
const fixture = (codec: string) => readFileSync(new URL(`fixtures/fastavro-${codec}.avro`, import.meta.url))
const records = Array.from({ length: 100 }, (_, i) => ({
  id: `id ${i}`,
  note: i % 3 === 0 ? null : { string: `note ${i} `.repeat(5) },
  n: BigInt(i) * 10n ** 12n,
  xs: Array.from({ length: i % 7 }, (__, x) => x),
}))

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // what repeats itself at all distances, beyond the size of a snappy block, too
  fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 40_000 })), {
      maxLength: 5,
    })
    .map((parts) => Buffer.concat(parts.map(([bytes, times]) => Buffer.alloc(times, Buffer.from(bytes))))),
)

describe.each(codecs)('the codec %s', (name) => {
  it('reads what another writer wrote, and keeps its blocks', async () => {
    const bytes = fixture(name)
    const decision: RecordDecision = { drop: false, masks: [{ path: '/note', action: 'null' }] }
    const out = await readAll(format, bytes, { policy: { kind: 'constant', decision }, chunkSize: 100 })
    const decoded = decodeAvro(out)
    expect(decoded.codec).toBe(name)
    expect(decoded.blocks.length).toBeGreaterThan(2)
    expect(decoded.blocks.flat()).toEqual(records.map((record) => ({ ...record, note: null })))
  })

  it('passes a block on as it lies where nothing in it is masked', async () => {
    const bytes = fixture(name)
    const decision: RecordDecision = { drop: false, masks: [] }
    expect((await readAll(format, bytes, { policy: { kind: 'constant', decision } })).equals(bytes)).toBe(true)
  })

  it('decompresses what it compresses', async () => {
    const codec = codecOf(name)!
    await fc.assert(
      fc.asyncProperty(contents, async (content) => {
        const data = await codec.compress(Buffer.from(content))
        expect((await codec.decompress(data)).equals(content)).toBe(true)
      }),
    )
  })

  it('answers changed bytes with content or a fault, never with more than the limit', async () => {
    const codec = codecOf(name)!
    const blocks = decodeAvro(fixture(name)).ends
    const block = fixture(name).subarray(blocks[0]! + 4, blocks[1]! - 16)
    await fc.assert(
      fc.asyncProperty(fc.nat(block.length - 1), fc.integer({ min: 1, max: 255 }), async (position, flip) => {
        const changed = Buffer.from(block)
        changed[position]! ^= flip
        try {
          expect((await codec.decompress(changed)).length).toBeLessThanOrEqual(blockBytesMax)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AvroFault)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('codecs', () => {
  it('are those of the specification that Node can carry out', () => {
    expect(codecs.filter((name) => codecOf(name) === undefined)).toEqual([])
    expect(['bzip2', 'xz', 'Null', ''].filter((name) => codecOf(name) !== undefined)).toEqual([])
  })

  it('work on blocks that go to another thread, too', async () => {
    const content = Buffer.from(
      Array.from({ length: 200_000 }, (_, index) => String(Math.imul(index, 2_654_435_761))).join(),
    )
    const codec = codecOf('deflate')!
    const data = await codec.compress(content)
    expect(data.length).toBeGreaterThan(300_000)
    expect((await codec.decompress(data)).equals(content)).toBe(true)
    await expect(async () => codec.decompress(data.subarray(0, -10))).rejects.toBeInstanceOf(AvroFault)
  })
})

describe('snappy', () => {
  it('reads copies with offsets of one, two and four bytes', () => {
    // "abcd", a copy of 4 from 4 back (one byte), of 3 from 8 (two bytes), of 2 from 11 (four bytes)
    const data = Buffer.from([13, (4 - 1) << 2, 0x61, 0x62, 0x63, 0x64, 0x01, 4, 0x0a, 8, 0, 0x07, 11, 0, 0, 0])
    expect(snappyDecompress(data).toString()).toBe('abcdabcdabcab')
  })

  it.each([
    ['nothing', []],
    ['a length without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a copy from before the start', [4, 0x01, 4]],
    ['a copy from nowhere', [8, 0x0c, 1, 2, 3, 4, 0x01, 0]],
    ['more than it says', [3, 0x0c, 1, 2, 3, 4]],
    ['less than it says', [5, 0x0c, 1, 2, 3, 4]],
    ['a literal cut off', [4, 0x0c, 1, 2]],
    ['a literal whose length is cut off', [4, 0xf0]],
    ['a copy cut off', [8, 0x0c, 1, 2, 3, 4, 0x02, 4]],
  ])('refuses %s', (_, bytes) => {
    expect(() => snappyDecompress(Buffer.from(bytes))).toThrow(AvroFault)
  })

  it('refuses to make more than a block may hold', () => {
    const length = Buffer.from([0x81, 0x80, 0x80, 0x20])
    expect(() => snappyDecompress(length)).toThrow(expect.objectContaining({ kind: 'limit' }) as Error)
  })

  it('makes repetition small', () => {
    expect(snappyCompress(Buffer.alloc(100_000, 'abcdefgh')).length).toBeLessThan(6_000)
  })
})

describe('zstandard', () => {
  const frame = zstandardCompress(Buffer.from('note'))

  it.each([
    ['another magic number', (bytes: Buffer) => bytes.fill(0, 0, 1)],
    ['a dictionary', (bytes: Buffer) => bytes.fill(0xa1, 4, 5)],
    ['a reserved bit', (bytes: Buffer) => bytes.fill(0xa8, 4, 5)],
    ['a reserved kind of block', (bytes: Buffer) => bytes.fill(bytes[9]! | 6, 9, 10)],
    ['another size of content', (bytes: Buffer) => bytes.fill(5, 5, 6)],
    ['a byte behind it', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    ['a second frame', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ['a byte missing', (bytes: Buffer) => bytes.subarray(0, -1)],
  ])('refuses a frame with %s', (_, change) => {
    expect(() => zstandardDecompress(change(Buffer.from(frame)))).toThrow(AvroFault)
  })

  it('refuses a window or content beyond the limit before anything is allocated', () => {
    const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0, 0])
    const content = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0])
    for (const bytes of [window, content])
      expect(() => zstandardDecompress(bytes)).toThrow(expect.objectContaining({ kind: 'limit' }) as Error)
  })

  it('refuses a small frame that makes more than a block may hold', () => {
    // blocks of one byte said to repeat 131072 times, with no size of the content
    const block = Buffer.from([0x02, 0x00, 0x10, 0x61])
    const blocks = Array.from({ length: blockBytesMax / 131_072 + 1 }, () => block)
    const bomb = Buffer.concat([
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40]),
      ...blocks,
      Buffer.from([0x01, 0, 0]),
    ])
    expect(() => zstandardDecompress(bomb)).toThrow(expect.objectContaining({ kind: 'limit' }) as Error)
  })
})

describe('a header', () => {
  it('that spells a codec otherwise is not understood', async () => {
    await expect(
      readAll(format, headerOf('string', 'Deflate'), { policy: { kind: 'untouched' } }),
    ).rejects.toMatchObject({
      code: 'format.unknown',
    })
  })
})
