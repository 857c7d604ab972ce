/** The metadata at the end of a file: its schema, its row groups, and where each column of them lies. */
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import type { FileSource } from './file-source.ts'
import { chunkBytesMax, footerBytesMax, groupRowsMax, tailBytes, unsupported } from './limits.ts'
import { parseSchema, physicalTypes, type Schema } from './schema.ts'
import { isStruct, listAt, numberAt, readStruct, structAt, type ThriftStruct, type ThriftValue } from './thrift.ts'

/** One column of one row group. */
export type ColumnChunk = {
  /** ColumnMetaData as it stands in the file. */
  readonly meta: ThriftStruct
  readonly codec: number
  /** Nulls counted. */
  readonly valueCount: number
  readonly start: number
  readonly end: number
  readonly uncompressedBytes: number
}

export type RowGroup = {
  readonly struct: ThriftStruct
  readonly rowCount: number
  readonly columns: readonly ColumnChunk[]
  readonly end: number
}

export type FileMetadata = {
  readonly struct: ThriftStruct
  readonly schema: Schema
  readonly groups: readonly RowGroup[]
  readonly rowCount: number
}

export const magic = Buffer.from('PAR1')
const encryptedMagic = Buffer.from('PARE')
/** The size of the metadata and the magic behind it, in bytes. */
const trailerBytes = 8

/** @throws format.corrupt, format.limit, format.unknown for what is encrypted */
export async function readMetadata(source: FileSource): Promise<FileMetadata> {
  const { size } = source
  if (size < magic.length + trailerBytes) throw corrupt(size, 'a file that is too short')
  const tailStart = Math.max(0, size - tailBytes)
  const [tail, beginning] = await Promise.all([
    source.read(tailStart, size),
    tailStart === 0 ? undefined : source.read(0, magic.length),
  ])
  const head = beginning ?? tail.subarray(0, magic.length)
  const ending = tail.subarray(-magic.length)
  if (head.equals(encryptedMagic) || ending.equals(encryptedMagic)) throw unsupported('encryption')
  if (!head.equals(magic)) throw corrupt(0, 'a file that does not begin as it should')
  if (!ending.equals(magic)) throw corrupt(size, 'a file that does not end as it should')
  const length = tail.readUInt32LE(tail.length - trailerBytes)
  const start = size - trailerBytes - length
  if (start < magic.length) throw corrupt(size, 'metadata larger than the file')
  if (length > footerBytesMax) throw beyondLimit(start, 'metadata that is too large')
  const bytes =
    start >= tailStart ? tail.subarray(start - tailStart, -trailerBytes) : await source.read(start, size - 8)
  const { struct, end } = readStruct(bytes, 0, start)
  if (end !== length) throw corrupt(start + end, 'bytes behind the metadata')
  return parseMetadata(struct, start)
}

function parseMetadata(struct: ThriftStruct, footerStart: number): FileMetadata {
  if (struct.has(8) || struct.has(9)) throw unsupported('encryption')
  const wrong = () => corrupt(footerStart, 'metadata that is not valid')
  const elements = listAt(struct, 2)
  const groupStructs = listAt(struct, 4)
  const rowCount = numberAt(struct, 3)
  if (elements === undefined || groupStructs === undefined || rowCount === undefined) throw wrong()
  const schema = parseSchema(elements, footerStart)
  const groups = groupStructs.map((group) => parseGroup(group, schema, footerStart))
  if (groups.reduce((sum, group) => sum + group.rowCount, 0) !== rowCount) throw wrong()
  const places = groups.flatMap(({ columns }) => columns).sort((a, b) => a.start - b.start)
  // who lets columns share bytes makes a file grow without bounds when it is written again
  if (places.some(({ start }, index) => index > 0 && start < places[index - 1]!.end)) throw wrong()
  return { struct, schema, groups, rowCount }
}

function parseGroup(value: ThriftValue, schema: Schema, footerStart: number): RowGroup {
  const wrong = () => corrupt(footerStart, 'a row group that is not valid')
  const columns = isStruct(value) ? listAt(value, 1) : undefined
  if (!isStruct(value) || columns === undefined || columns.length !== schema.leaves.length) throw wrong()
  const rowCount = numberAt(value, 3)
  if (rowCount === undefined || rowCount < 0) throw wrong()
  if (rowCount > groupRowsMax) throw beyondLimit(footerStart, 'a row group of too many rows')
  const chunks = schema.leaves.map((leaf, index) => {
    const column = columns[index]
    if (!isStruct(column)) throw wrong()
    if (column.has(8) || column.has(9)) throw unsupported('encryption')
    if (column.has(1)) throw unsupported('columns in other files')
    const meta = structAt(column, 3)
    const path = meta === undefined ? undefined : listAt(meta, 3)
    if (meta === undefined || path === undefined) throw wrong()
    const names = path.map((name) => (Buffer.isBuffer(name) ? name.toString('utf8') : undefined))
    if (names.length !== leaf.path.length || names.some((name, at) => name !== leaf.path[at])) throw wrong()
    if (physicalTypes[numberAt(meta, 1) ?? -1] !== leaf.type) throw wrong()
    const chunk = parseChunk(meta, footerStart)
    if (leaf.repetitionMax === 0 ? chunk.valueCount !== rowCount : chunk.valueCount < rowCount) throw wrong()
    return chunk
  })
  return { struct: value, rowCount, columns: chunks, end: Math.max(magic.length, ...chunks.map(({ end }) => end)) }
}

function parseChunk(meta: ThriftStruct, footerStart: number): ColumnChunk {
  const wrong = () => corrupt(footerStart, 'a column that is not valid')
  const codec = numberAt(meta, 4)
  const valueCount = numberAt(meta, 5)
  const uncompressedBytes = numberAt(meta, 6)
  const size = numberAt(meta, 7)
  const dataStart = numberAt(meta, 9)
  if (
    codec === undefined ||
    valueCount === undefined ||
    uncompressedBytes === undefined ||
    size === undefined ||
    dataStart === undefined
  )
    throw wrong()
  // a column without values need not lie anywhere
  if (valueCount === 0) return { meta, codec, valueCount, start: magic.length, end: magic.length, uncompressedBytes: 0 }
  const dictionaryStart = numberAt(meta, 11) ?? 0
  const start = dictionaryStart > 0 ? Math.min(dictionaryStart, dataStart) : dataStart
  if (valueCount < 0 || size < 0 || uncompressedBytes < 0 || start < magic.length || start + size > footerStart)
    throw wrong()
  if (size > chunkBytesMax || uncompressedBytes > chunkBytesMax)
    throw beyondLimit(start, 'a column of a row group that is too large')
  return { meta, codec, valueCount, start, end: start + size, uncompressedBytes }
}
