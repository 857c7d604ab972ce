/** Avro files for tests, put together with avsc's types and read back by them. */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import avro from 'avsc'
import { decompress as decompressZstandard } from 'fzstd'
import { snappyCompress, snappyDecompress } from '../../../src/formats/avro/snappy.ts'

export type CodecName = 'null' | 'deflate' | 'snappy'

export const codecNames: readonly CodecName[] = ['null', 'deflate', 'snappy']

export const syncMarker = Buffer.from('0123456789abcdef')

/** All 64 bits, which avsc's own numbers cannot hold. */
const exactLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt as never,
  toJSON: Number as never,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
} as never)

/** avsc's reading of a schema: unions are `{branch: value}`, longs bigints, logical types what they are stored as. */
export function typeOf(schema: unknown): avro.Type {
  const plain: unknown = JSON.parse(JSON.stringify(schema), (_, value: unknown) => {
    const { logicalType, type } = Object(value) as { readonly logicalType?: unknown; readonly type?: unknown }
    return logicalType !== undefined && (type === 'int' || type === 'long') ? type : value
  })
  return avro.Type.forSchema(plain as avro.Schema, { wrapUnions: true, registry: { long: exactLong } } as never)
}

const longType = avro.Type.forSchema('long')
const metadataType = avro.Type.forSchema({ type: 'map', values: 'bytes' })

export const long = (value: number): Buffer => longType.toBuffer(value)
export const text = (value: string): Buffer => avro.Type.forSchema('string').toBuffer(value)

export function headerOf(schema: unknown, codec: string | undefined = 'null'): Buffer {
  const metadata: Record<string, Buffer> = { 'avro.schema': Buffer.from(JSON.stringify(schema)) }
  if (codec !== undefined) metadata['avro.codec'] = Buffer.from(codec)
  metadata.made = Buffer.from('by a test')
  return Buffer.concat([Buffer.from('Obj\u0001'), metadataType.toBuffer(metadata), syncMarker])
}

export function blockOf(count: number, data: Buffer): Buffer {
  return Buffer.concat([long(count), long(data.length), data, syncMarker])
}

function compress(codec: CodecName, content: Buffer): Buffer {
  if (codec === 'null') return content
  if (codec === 'deflate') return deflateRawSync(content)
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(content))
  return Buffer.concat([snappyCompress(content), crc])
}

function decompress(codec: string, data: Buffer): Buffer {
  if (codec === 'null') return data
  if (codec === 'zstandard') return Buffer.from(decompressZstandard(data))
  return codec === 'deflate' ? inflateRawSync(data) : snappyDecompress(data.subarray(0, -4))
}

export type EncodeOptions = { readonly codec?: CodecName; readonly recordsPerBlock?: number }

/** Of records that are encoded already. */
export function fileOf(
  schema: unknown,
  records: readonly Buffer[],
  { codec = 'null', recordsPerBlock = 10 }: EncodeOptions = {},
): Buffer {
  const parts = [headerOf(schema, codec)]
  for (let start = 0; start < records.length; start += recordsPerBlock) {
    const block = records.slice(start, start + recordsPerBlock)
    parts.push(blockOf(block.length, compress(codec, Buffer.concat(block))))
  }
  return Buffer.concat(parts)
}

export function encodeAvro(schema: unknown, records: readonly unknown[], options?: EncodeOptions): Buffer {
  const type = typeOf(schema)
  return fileOf(
    schema,
    records.map((record) => type.toBuffer(record)),
    options,
  )
}

export type Decoded = {
  readonly schema: unknown
  readonly codec: string
  readonly metadata: Readonly<Record<string, Buffer>>
  /** Records by block. */
  readonly blocks: readonly (readonly unknown[])[]
  /** Where each block ends in the file; first, where the header does. */
  readonly ends: readonly number[]
}

/** Strict: bytes too many or too few are an error. */
export function decodeAvro(bytes: Buffer): Decoded {
  if (bytes.subarray(0, 4).toString('latin1') !== 'Obj\u0001') throw new Error('magic')
  const header = metadataType.decode(bytes, 4)
  if (header.offset < 0) throw new Error('header')
  const metadata = header.value as Record<string, Buffer>
  const schema: unknown = JSON.parse(metadata['avro.schema']!.toString())
  const codec = metadata['avro.codec']?.toString() ?? 'null'
  const type = typeOf(schema)
  let position = header.offset + 16
  const sync = bytes.subarray(header.offset, position)
  const blocks: unknown[][] = []
  const ends = [position]
  while (position < bytes.length) {
    const count = longType.decode(bytes, position)
    const size = longType.decode(bytes, count.offset)
    const end = size.offset + (size.value as number)
    if (!bytes.subarray(end, end + 16).equals(sync)) throw new Error('sync marker')
    const content = decompress(codec, bytes.subarray(size.offset, end))
    const records: unknown[] = []
    let at = 0
    for (let left = count.value as number; left > 0; left--) {
      const record = type.decode(content, at)
      if (record.offset < 0) throw new Error('record')
      records.push(record.value)
      at = record.offset
    }
    if (at !== content.length) throw new Error('block')
    blocks.push(records)
    position = end + 16
    ends.push(position)
  }
  return { schema, codec, metadata, blocks, ends }
}
