/** Writes one column of one row group: a dictionary where there is one, pages of the first version, and what the metadata says of them. No statistics. */
import { codecOf, compress } from './codecs.ts'
import { bitsFor, type SmallNumbers, writeHybrid } from './hybrid.ts'
import { createPlainValues, type PlainValues } from './plain-values.ts'
import { type Leaf, physicalTypes } from './schema.ts'
import { field, structOfFields, type ThriftStruct, thriftTypes, writeStruct } from './thrift.ts'
import { encodings } from './values.ts'

/** Levels and values of a page to be written. `body` undefined: `indices` are places in the dictionary. */
export type PageContent = {
  readonly entries: number
  readonly definition: Uint8Array
  readonly repetition: Uint8Array
  readonly valueCount: number
  readonly indices: SmallNumbers
  readonly body: Buffer | undefined
}

export type ChunkWriter = {
  /** The place of a value in the dictionary, which holds each value once. */
  intern(data: Buffer, start: number, end: number): number
  /** The same for a value that is known not to be there yet; not to be mixed with `intern`. */
  append(data: Buffer, start: number, end: number): number
  page(content: PageContent): void
  finish(): WrittenChunk
}

export type WrittenChunk = {
  readonly parts: readonly Buffer[]
  readonly size: number
  readonly uncompressedBytes: number
  /** ColumnMetaData of the chunk where it begins at `start` of the file. */
  metaAt(start: number): ThriftStruct
}

export function createChunkWriter(leaf: Leaf, sourceCodec: number): ChunkWriter {
  const codec = codecOf(sourceCodec).writes
  const pages: Buffer[] = []
  const places = new Map<string, number>()
  let dictionary: PlainValues | undefined
  let dictionarySize = 0
  let entries = 0
  let uncompressedBytes = 0

  function append(data: Buffer, start: number, end: number): number {
    dictionary ??= createPlainValues(leaf)
    dictionary.add(data, start, end)
    return dictionarySize++
  }

  function put(type: number, content: Buffer, detailsId: number, details: ThriftStruct): Buffer {
    const data = compress(codec, content)
    const header = writeStruct(
      structOfFields({
        1: field.i32(type),
        2: field.i32(content.length),
        3: field.i32(data.length),
        [detailsId]: field.struct(details),
      }),
    )
    uncompressedBytes += header.length + content.length
    return data.length === 0 ? header : Buffer.concat([header, data])
  }

  const levels = (values: Uint8Array, count: number, max: number): readonly Buffer[] => {
    if (max === 0) return []
    const coded = writeHybrid(values, count, bitsFor(max))
    const size = Buffer.alloc(4)
    size.writeUInt32LE(coded.length)
    return [size, coded]
  }

  return {
    intern(data, start, end) {
      const key = data.toString('latin1', start, end)
      let place = places.get(key)
      if (place === undefined) places.set(key, (place = append(data, start, end)))
      return place
    },
    append,
    page(content) {
      const { definition, repetition, indices, valueCount } = content
      // without a value there may be no dictionary to speak of
      const body = valueCount === 0 ? Buffer.alloc(0) : content.body
      entries += content.entries
      const width = bitsFor(Math.max(0, dictionarySize - 1))
      const values = body === undefined ? [Buffer.from([width]), writeHybrid(indices, valueCount, width)] : [body]
      const plain = Buffer.concat([
        ...levels(repetition, content.entries, leaf.repetitionMax),
        ...levels(definition, content.entries, leaf.definitionMax),
        ...values,
      ])
      const details = structOfFields({
        1: field.i32(content.entries),
        2: field.i32(body === undefined ? encodings.dictionary : encodings.plain),
        3: field.i32(encodings.rle),
        4: field.i32(encodings.rle),
      })
      pages.push(put(0, plain, 5, details))
    },
    finish() {
      const first =
        dictionary === undefined
          ? Buffer.alloc(0)
          : put(
              2,
              dictionary.take(),
              7,
              structOfFields({ 1: field.i32(dictionarySize), 2: field.i32(encodings.plain) }),
            )
      const parts = first.length === 0 ? pages : [first, ...pages]
      const size = parts.reduce((sum, part) => sum + part.length, 0)
      const used = [encodings.plain, encodings.rle, ...(first.length === 0 ? [] : [encodings.dictionary])]
      return {
        parts,
        size,
        uncompressedBytes,
        metaAt: (start) =>
          structOfFields({
            1: field.i32(physicalTypes.indexOf(leaf.type)),
            2: field.list(thriftTypes.i32, used),
            3: field.list(
              thriftTypes.binary,
              leaf.path.map((name) => Buffer.from(name)),
            ),
            4: field.i32(codec),
            5: field.i64(entries),
            6: field.i64(uncompressedBytes),
            7: field.i64(size),
            9: field.i64(start + first.length),
            11: first.length === 0 ? undefined : field.i64(start),
          }),
      }
    },
  }
}
