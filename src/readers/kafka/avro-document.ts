/** Avro values as one object container file: their bytes are put into blocks as they are, once each is known to be exactly one value of the schema. */
import { createHash } from 'node:crypto'
import { PortcullisError } from '../../domain/errors.ts'
import { type Extent, extentOf } from './avro-extent.ts'
import type { SliceRecord } from './slice-records.ts'

export type ValueFraming =
  | { readonly kind: 'bare'; readonly schema: string }
  | {
      readonly kind: 'framed'
      readonly schema: (id: number) => Promise<string>
      /** For a slice without any value. */
      readonly schemaOfNone: () => Promise<string>
    }

type Block = { readonly parts: Buffer[]; bytes: number }
type Opened = { id: number | undefined; readonly schema: string; readonly extent: Extent }

/** A block is as large as this, or as its one record. */
const blockBytes = 64 * 1024
/** Where records take no bytes. */
const blockRecordsMax = 10_000
const frameBytes = 5
const frameMagic = 0
const syncBytes = 16
const magic = Buffer.from('Obj\u0001')

/** The same records under the same `id` are the same bytes, however they were fetched. @throws format.corrupt, format.unknown naming an offset; source.* of the registry */
export async function* avroDocument(
  batches: AsyncIterable<readonly SliceRecord[]>,
  framing: ValueFraming,
  id: string,
): AsyncGenerator<Uint8Array> {
  const sync = createHash('sha256').update(id).digest().subarray(0, syncBytes)
  const block: Block = { parts: [], bytes: 0 }
  let opened: Opened | undefined
  if (framing.kind === 'bare') {
    opened = open(framing.schema, undefined)
    yield header(opened.schema, sync)
  }
  for await (const records of batches)
    for (const { offset, value } of records) {
      const schemaId = framing.kind === 'framed' ? schemaIdOf(value, offset) : undefined
      if (opened === undefined || (framing.kind === 'framed' && schemaId !== opened.id)) {
        const schema: string = await (framing as Extract<ValueFraming, { kind: 'framed' }>).schema(schemaId!)
        if (opened === undefined) {
          opened = open(schema, schemaId)
          yield header(schema, sync)
        } else if (schema === opened.schema) opened.id = schemaId
        else throw anotherSchema(offset)
      }
      const datum = framing.kind === 'framed' ? value.subarray(frameBytes) : value
      if (!isExactly(opened.extent, datum)) throw notOfSchema(offset)
      block.parts.push(datum)
      block.bytes += datum.length
      if (block.bytes >= blockBytes || block.parts.length >= blockRecordsMax) yield flush(block, sync)
    }
  if (block.parts.length > 0) yield flush(block, sync)
  if (opened === undefined && framing.kind === 'framed') yield header(await framing.schemaOfNone(), sync)
}

function open(schema: string, id: number | undefined): Opened {
  return { id, schema, extent: extentOf(schema) }
}

function schemaIdOf(value: Buffer, offset: number): number {
  if (value.length < frameBytes || value[0] !== frameMagic) throw notOfSchema(offset)
  return value.readInt32BE(1)
}

function isExactly(extent: Extent, datum: Buffer): boolean {
  try {
    return extent(datum) === datum.length
  } catch (thrown) {
    if (thrown instanceof RangeError) return false
    throw thrown
  }
}

function flush(block: Block, sync: Buffer): Buffer {
  const parts = block.parts.splice(0)
  const bytes = Buffer.concat([long(parts.length), long(block.bytes), ...parts, sync])
  block.bytes = 0
  return bytes
}

function header(schema: string, sync: Buffer): Buffer {
  const pair = (key: string, value: string) => [sized(key), sized(value)]
  const entries = [...pair('avro.schema', schema), ...pair('avro.codec', 'null')].flat()
  return Buffer.concat([magic, long(2), ...entries, long(0), sync])
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([long(bytes.length), bytes])
}

/** Of a count, never negative. */
function long(value: number): Buffer {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}

function notOfSchema(offset: number): PortcullisError {
  return new PortcullisError('format.corrupt', { message: `The value at offset ${offset} is not one of its schema.` })
}

function anotherSchema(offset: number): PortcullisError {
  return new PortcullisError('format.unknown', {
    message: `At offset ${offset} the values have another schema than before it: read the slice up to there and the one from there on.`,
  })
}
