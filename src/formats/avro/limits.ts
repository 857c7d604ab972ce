/** What the Avro reader refuses to go beyond, and how it says that bytes are wrong. */
import { PortcullisError } from '../../domain/errors.ts'

/** Metadata with the schema, in bytes. */
export const headerBytesMax = 4 * 1024 * 1024
/** One block, as it lies in the file and decompressed, in bytes. */
export const blockBytesMax = 64 * 1024 * 1024
/** One record, in bytes. */
export const recordBytesMax = 16 * 1024 * 1024
/** Levels of arrays, maps and shared records in one record. */
export const depthMax = 128
/** Records and items that take no byte at all, in one block. */
export const emptyItemsMax = 1024 * 1024
/** Types nested in one schema. */
export const schemaDepthMax = 64
/** Instructions of one compiled schema. */
export const instructionsMax = 1024 * 1024
/** Bytes of one record as JSON text. */
export const jsonBytesMax = 4 * recordBytesMax

/** Thrown inside, with a position in the bytes at hand; the container knows where in the file those lie. */
export class AvroFault extends Error {
  override readonly name = 'AvroFault'
  readonly kind: 'corrupt' | 'limit'
  readonly position: number

  constructor(kind: 'corrupt' | 'limit', position: number) {
    super(kind)
    this.kind = kind
    this.position = position
  }
}

export function corrupt(position: number): AvroFault {
  return new AvroFault('corrupt', position)
}

export function beyondLimit(position: number): AvroFault {
  return new AvroFault('limit', position)
}

/** `offset` is counted from the start of the file; in a compressed block, from the start of its decompressed content, with `block` the place of the block. */
export function faultAt(kind: 'corrupt' | 'limit', offset: number, block?: number): PortcullisError {
  const place = block === undefined ? `byte ${offset}` : `byte ${offset} of the block at byte ${block}`
  return kind === 'corrupt'
    ? new PortcullisError('format.corrupt', { message: `The data of this leaf is not valid Avro: ${place}.` })
    : new PortcullisError('format.limit', {
        message: `The data of this leaf exceeds a limit of the Avro reader: ${place}.`,
      })
}
