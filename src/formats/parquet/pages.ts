/** The pages of one column of one row group: levels and values, each page checked against what the column says of itself. */
import { crc32 } from 'node:zlib'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { type Codec, codecOf, decompress } from './codecs.ts'
import { bitsFor, readHybrid } from './hybrid.ts'
import { pageBytesMax, pageValuesMax, unsupported } from './limits.ts'
import type { ColumnChunk } from './metadata.ts'
import type { Leaf } from './schema.ts'
import { flagAt, numberAt, readStruct, structAt, type ThriftStruct } from './thrift.ts'
import { encodings, readValues, type Values } from './values.ts'

/** Levels are undefined where all are the highest there is (definition) or none repeats. */
export type Page = {
  readonly entries: number
  readonly definition: Uint8Array | undefined
  readonly repetition: Uint8Array | undefined
  /** Entries that are not null. */
  readonly valueCount: number
  /** Places in `values`, which is then the dictionary of the column. */
  readonly indices: Uint32Array | undefined
  readonly values: Values
}

const pageTypes = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const

type RawPage = {
  readonly type: number
  readonly header: ThriftStruct
  readonly entries: number
  readonly uncompressedBytes: number
  readonly data: Buffer
  /** Of the page in the file. */
  readonly offset: number
}

/** `bytes` are those of the chunk. @throws format.corrupt, format.limit */
function* rawPages(chunk: ColumnChunk, bytes: Buffer): Generator<RawPage> {
  let entries = 0
  for (let position = 0; position < bytes.length; ) {
    const offset = chunk.start + position
    const { struct: header, end } = readStruct(bytes, position, chunk.start)
    const type = numberAt(header, 1)
    const uncompressedBytes = numberAt(header, 2)
    const size = numberAt(header, 3)
    if (
      type === undefined ||
      uncompressedBytes === undefined ||
      size === undefined ||
      uncompressedBytes < 0 ||
      size < 0
    )
      throw corrupt(offset, 'a page header that is not valid')
    if (uncompressedBytes > pageBytesMax) throw beyondLimit(offset, 'a page that is too large')
    if (end + size > bytes.length) throw corrupt(offset, 'a page larger than its column')
    const isData = type === pageTypes.data || type === pageTypes.dataV2
    const details = structAt(header, isData ? (type === pageTypes.data ? 5 : 8) : 7)
    const count = details === undefined ? undefined : numberAt(details, 1)
    if (type !== pageTypes.index && (details === undefined || count === undefined || count < 0))
      throw corrupt(offset, 'a page header that is not valid')
    if ((count ?? 0) > pageValuesMax) throw beyondLimit(offset, 'a page of too many values')
    if (isData) entries += count!
    const data = bytes.subarray(end, end + size)
    yield { type, header: details ?? header, entries: count ?? 0, uncompressedBytes, data, offset }
    const checksum = numberAt(header, 4)
    if (checksum !== undefined && crc32(data) !== checksum >>> 0)
      throw corrupt(offset, 'a page whose checksum is another')
    position = end + size
  }
  if (entries !== chunk.valueCount) throw corrupt(chunk.start, 'a column of another number of values than it says')
}

/** Walks over pages that are passed on as they are. @throws format.corrupt, format.limit */
export function checkPages(chunk: ColumnChunk, bytes: Buffer): void {
  let seen = 0
  for (const page of rawPages(chunk, bytes)) if (page.type !== pageTypes.index) seen++
  if (seen === 0 && chunk.valueCount > 0) throw corrupt(chunk.start, 'a column without pages')
}

/** @throws format.corrupt, format.limit, format.unknown */
export function* readPages(leaf: Leaf, chunk: ColumnChunk, bytes: Buffer): Generator<Page> {
  const codec = codecOf(chunk.codec)
  let dictionary: Values | undefined
  for (const page of rawPages(chunk, bytes)) {
    if (page.type === pageTypes.dictionary) {
      if (dictionary !== undefined) throw corrupt(page.offset, 'a second dictionary')
      const content = decompress(codec, page.data, page.uncompressedBytes, page.offset)
      dictionary = readValues(leaf, encodings.plain, content, page.entries, page.offset)
    } else if (page.type === pageTypes.data) yield readDataPage(leaf, page, codec, dictionary)
    else if (page.type === pageTypes.dataV2) yield readDataPageV2(leaf, page, codec, dictionary)
    else if (page.type !== pageTypes.index) throw unsupported('pages of a kind of its own')
  }
}

function readDataPage(leaf: Leaf, page: RawPage, codec: Codec, dictionary: Values | undefined): Page {
  const { entries, header, offset } = page
  const content = decompress(codec, page.data, page.uncompressedBytes, offset)
  let position = 0
  const levels = (max: number, encodingField: number): Uint8Array | undefined => {
    if (max === 0) return undefined
    if (numberAt(header, encodingField) !== encodings.rle) throw unsupported('an encoding of its own')
    if (position + 4 > content.length) throw corrupt(offset, 'a page that is too short')
    const end = position + 4 + content.readUInt32LE(position)
    if (end > content.length) throw corrupt(offset, 'a page that is too short')
    const read = readLevels(content, position + 4, end, max, entries, offset)
    position = end
    return read
  }
  const repetition = levels(leaf.repetitionMax, 4)
  const definition = levels(leaf.definitionMax, 3)
  return assemble(leaf, page, numberAt(header, 2), content.subarray(position), repetition, definition, dictionary)
}

function readDataPageV2(leaf: Leaf, page: RawPage, codec: Codec, dictionary: Values | undefined): Page {
  const { entries, header, offset, data } = page
  const definitionBytes = numberAt(header, 5) ?? -1
  const repetitionBytes = numberAt(header, 6) ?? -1
  const levelBytes = definitionBytes + repetitionBytes
  if (definitionBytes < 0 || repetitionBytes < 0 || levelBytes > data.length || levelBytes > page.uncompressedBytes)
    throw corrupt(offset, 'a page whose levels are larger than it')
  const levels = (start: number, end: number, max: number) =>
    max === 0 ? undefined : readLevels(data, start, end, max, entries, offset)
  const repetition = levels(0, repetitionBytes, leaf.repetitionMax)
  const definition = levels(repetitionBytes, levelBytes, leaf.definitionMax)
  const packed = data.subarray(levelBytes)
  const content =
    flagAt(header, 7) === false ? packed : decompress(codec, packed, page.uncompressedBytes - levelBytes, offset)
  const read = assemble(leaf, page, numberAt(header, 4), content, repetition, definition, dictionary)
  if ((numberAt(header, 2) ?? 0) !== entries - read.valueCount && leaf.repetitionMax === 0)
    throw corrupt(offset, 'a page of another number of nulls than it says')
  return read
}

function readLevels(
  bytes: Buffer,
  start: number,
  end: number,
  max: number,
  entries: number,
  offset: number,
): Uint8Array {
  const levels = new Uint8Array(entries)
  readHybrid(bytes, start, end, bitsFor(max), levels, offset)
  for (let index = 0; index < entries; index++)
    if (levels[index]! > max) throw corrupt(offset, 'a level beyond its schema')
  return levels
}

function assemble(
  leaf: Leaf,
  { entries, offset }: RawPage,
  encoding: number | undefined,
  content: Buffer,
  repetition: Uint8Array | undefined,
  definition: Uint8Array | undefined,
  dictionary: Values | undefined,
): Page {
  let valueCount = entries
  if (definition !== undefined) {
    valueCount = 0
    for (let index = 0; index < entries; index++) if (definition[index] === leaf.definitionMax) valueCount++
  }
  const page = { entries, definition, repetition, valueCount }
  if (encoding === encodings.dictionary || encoding === encodings.plainDictionary) {
    const indices = readIndices(content, valueCount, dictionary, offset)
    return { ...page, indices, values: dictionary! }
  }
  return { ...page, indices: undefined, values: readValues(leaf, encoding ?? -1, content, valueCount, offset) }
}

function readIndices(content: Buffer, count: number, dictionary: Values | undefined, offset: number): Uint32Array {
  const indices = new Uint32Array(count)
  if (dictionary === undefined) throw corrupt(offset, 'a page without its dictionary')
  if (count === 0) return indices
  const width = content[0] ?? 33
  if (width > 32) throw corrupt(offset, 'a page whose numbers are not well formed')
  readHybrid(content, 1, content.length, width, indices, offset)
  for (let index = 0; index < count; index++)
    if (indices[index]! >= dictionary.count) throw corrupt(offset, 'a place beyond the dictionary')
  return indices
}
