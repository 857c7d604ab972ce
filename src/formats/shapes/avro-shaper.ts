/** Avro containers in other shapes: records as NDJSON, or with some of their fields under a schema that has only those. */
import { randomBytes } from 'node:crypto'
import { PortcullisError } from '../../domain/errors.ts'
import { createWriter, type Writer, writeByte, writeLong, writeSpan, written } from '../avro/bytes.ts'
import { type Codec, codecOf } from '../avro/codecs.ts'
import { type Container, createContainer, type Header } from '../avro/container.ts'
import { headerBytes } from '../avro/header-bytes.ts'
import { AvroFault, emptyItemsMax, faultAt } from '../avro/limits.ts'
import { compileProgram } from '../avro/program.ts'
import { type AvroType, parseSchema, type RecordType } from '../avro/schema.ts'
import { walk } from '../avro/walk.ts'
import { createWalker, openWalker, type Walker } from '../avro/walker.ts'
import type { ShapeOptions, Shaper } from '../shaper.ts'
import { createAvroJson } from './avro-json.ts'
import { fieldsOnly } from './avro-schema-part.ts'
import { indexesOf } from './columns.ts'

/** Of output that is gathered before it is given on. */
const outputBytes = 64 * 1024

export function createAvroShaper(): Shaper {
  return {
    mediaTypes: ['avro/binary', 'application/avro', 'application/vnd.apache.avro'],
    endsAnywhere: true,
    toNdjson: (bytes, options) =>
      shapeBlocks(bytes, options.signal, async function* ({ root, blocks }) {
        const json = createAvroJson(root, options.columns)
        const writer = createWriter(outputBytes)
        for await (const block of blocks) {
          for (const { content, start, end, walker } of block) {
            json.write(content, start, end, walker, writer)
            writeByte(writer, 0x0a)
            options.records.count++
            if (writer.length >= outputBytes) yield take(writer)
          }
          if (writer.length > 0) yield take(writer)
        }
      }),
    project: (bytes, options) => shapeBlocks(bytes, options.signal, (source) => projectBlocks(source, options)),
    isCompressed: (first) => codecNameIn(first) !== 'null',
  }
}

type Visit = { content: Buffer; start: number; end: number; readonly walker: Walker }
type Source = {
  readonly root: AvroType
  readonly header: Header
  readonly codec: Codec
  /** Blocks of records; a record is valid until the next. */
  readonly blocks: AsyncIterable<Iterable<Visit>>
}

async function* shapeBlocks(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  shape: (source: Source) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const container = createContainer(bytes, signal)
  try {
    const header = await container.header()
    const codec = codecOf(header.codec)
    if (codec === undefined) throw new PortcullisError('format.unknown')
    const root = parseSchema(header.schema.toString('utf8'))
    yield* shape({ root, header, codec, blocks: blocksOf(container, codec, root) })
  } catch (thrown) {
    throw thrown instanceof AvroFault ? faultAt(thrown.kind, thrown.position) : thrown
  } finally {
    await container.close()
  }
}

async function* blocksOf(container: Container, codec: Codec, root: AvroType): AsyncGenerator<Iterable<Visit>> {
  const walker = createWalker(compileProgram(root))
  const visit: Visit = { content: Buffer.alloc(0), start: 0, end: 0, walker }
  while (await container.ready()) {
    const block = container.take()
    const content = await codec.decompress(block.data)
    if (block.count > content.length + emptyItemsMax) throw faultAt('limit', block.offset)
    openWalker(walker, content)
    yield recordsOf(visit, content, block.count)
  }
}

function* recordsOf(visit: Visit, content: Buffer, count: number): Generator<Visit> {
  visit.content = content
  visit.end = 0
  for (let index = 0; index < count; index++) {
    visit.start = visit.end
    visit.end = walk(visit.walker, visit.start, content.length)
    yield visit
  }
}

async function* projectBlocks(
  { root, header, codec, blocks }: Source,
  { columns, records }: ShapeOptions & { readonly columns: readonly string[] },
): AsyncGenerator<Uint8Array> {
  if (root.kind !== 'record') throw new PortcullisError('request.invalid', { message: 'columns: this leaf has none' })
  const chosen = indexesOf(
    columns,
    root.fields.map(({ name }) => name),
  )
  const sync = randomBytes(header.sync.length)
  yield headerBytes(Buffer.from(fieldsOnly(header.schema.toString('utf8'), chosen)), header.codec, sync)
  const writer = createWriter(outputBytes)
  for await (const block of blocks) {
    let count = 0
    writer.length = 0
    for (const visit of block) {
      copyFields(visit, root, chosen, writer)
      count++
    }
    records.count += count
    const data = await codec.compress(Buffer.from(written(writer)))
    const head = createWriter(20)
    writeLong(head, count)
    writeLong(head, data.length)
    yield Buffer.concat([written(head), data, sync])
  }
}

function copyFields(
  { content, end, walker }: Visit,
  { fields }: RecordType,
  chosen: readonly number[],
  writer: Writer,
) {
  for (const index of chosen)
    writeSpan(writer, content, walker.offsets[index]!, index + 1 < fields.length ? walker.offsets[index + 1]! : end)
}

function take(writer: Writer): Buffer {
  const bytes = Buffer.from(written(writer))
  writer.length = 0
  return bytes
}

/** The guard's first bytes hold the whole header; a codec that is not named there is null. */
function codecNameIn(first: Uint8Array): string {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  const key = bytes.indexOf('avro.codec')
  if (key < 0) return 'null'
  const at = key + 'avro.codec'.length
  return bytes.toString('latin1', at + 1, at + 1 + bytes[at]! / 2)
}
