/** What the Parquet reader refuses to go beyond. */
import { PortcullisError } from '../../domain/errors.ts'

const mebibyte = 1024 * 1024

/** A file that comes as a stream and cannot be read from any place, in bytes. */
export const collectedBytesMax = 64 * mebibyte
/** Read at once of what lies side by side, in bytes. */
export const aheadBytesMax = mebibyte
/** The metadata at the end of a file, in bytes. */
export const footerBytesMax = 16 * mebibyte
/** Values in one structure of metadata, all levels counted. */
export const metadataValuesMax = 2_000_000
/** Levels of structures in metadata. */
export const metadataDepthMax = 32
/** Levels of groups in a schema. */
export const schemaDepthMax = 64
/** Columns of a schema, nested ones counted. */
export const columnsMax = 4_096
/** One page, decompressed, in bytes. */
export const pageBytesMax = 64 * mebibyte
/** Values of one page, nulls counted. */
export const pageValuesMax = 16_777_216
/** One column of one row group, compressed or not, in bytes. */
export const chunkBytesMax = 256 * mebibyte
/** Rows of one row group. */
export const groupRowsMax = 16_777_216
/** Different decisions within one row group. */
export const decisionsMax = 65_535
/** Rows between two looks at the checkpoint. */
export const checkpointRows = 256
/** Bytes that are given on at once where they pass as they are. */
export const pieceBytes = mebibyte
/** Read at the end of a file before its size of metadata is known, in bytes. */
export const tailBytes = 64 * 1024
/** Bytes of row groups in work at once, over all reads. */
export const workBytesMax = 96 * mebibyte
/** How long a read waits until others have given back bytes, in milliseconds. */
export const workWaitMs = 5_000
/** One record as JSON text, in bytes. */
export const jsonBytesMax = 32 * mebibyte

/** A part of the format that this reader does not know: encryption, an encoding or codec of its own. */
export function unsupported(what: string): PortcullisError {
  return new PortcullisError('format.unknown', {
    message: `The data of this leaf is Parquet with ${what}, which is not supported.`,
  })
}
