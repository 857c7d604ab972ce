/** Parquet files made by hyparquet-writer and read back by hyparquet. */
import { gzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { createParquetFormat } from '../../../src/formats/parquet/parquet-format.ts'
import type { SampleRecord } from '../../conformance/format.ts'
import { maskValue } from '../support/guarded.ts'

export const parquet = createParquetFormat({ maskValue })

export type WriteOptions = Omit<Parameters<typeof parquetWriteBuffer>[0], 'columnData'>
export type ColumnData = Parameters<typeof parquetWriteBuffer>[0]['columnData']

export function writeParquet(columnData: ColumnData, options: WriteOptions = {}): Buffer {
  return Buffer.from(parquetWriteBuffer({ columnData, compressors: { GZIP: (bytes) => gzipSync(bytes) }, ...options }))
}

/** Bytes stay bytes. @throws where they are not a whole file */
export async function readParquet(bytes: Buffer): Promise<readonly Record<string, unknown>[]> {
  const { buffer, byteOffset, byteLength } = bytes
  const file = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
  return (await parquetReadObjects({ file, compressors, utf8: false })) as readonly Record<string, unknown>[]
}

export function samplesOf(records: readonly SampleRecord[], options: WriteOptions = {}): Buffer {
  return writeParquet(
    [
      { name: 'id', data: records.map(({ id }) => id), type: 'STRING', nullable: false },
      { name: 'note', data: records.map(({ note }) => note), type: 'STRING' },
      { name: 'amount', data: records.map(({ amount }) => BigInt(amount)), type: 'INT64', nullable: false },
    ],
    { rowGroupSize: 300, ...options },
  )
}

export async function recordsOf(bytes: Buffer): Promise<readonly SampleRecord[]> {
  return (await readParquet(bytes)).map(({ id, note, amount }) => ({
    id: id as string,
    note: (note ?? null) as string | null,
    amount: Number(amount),
  }))
}
