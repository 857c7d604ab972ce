/** Parquet files: columns that no rule touches are copied as they lie there, others are written anew from their stored values. */
import type { RecordSchema } from '../../domain/record-policy.ts'
import type { Format } from '../format.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { canCompute } from './facts.ts'
import { fieldsAt } from './fields.ts'
import { openFileSource } from './file-source.ts'
import { guardGroups } from './guard-groups.ts'
import { verdictOf } from './masks.ts'
import { readMetadata } from './metadata.ts'
import type { Schema } from './schema.ts'
import { createWorkBudget } from './work-budget.ts'

export type ParquetFormatDeps = {
  readonly maskValue: MaskValue
  /** Bytes of row groups in work at once, over all reads; beyond it a read waits `workWaitMs`, then is refused with service.busy. */
  readonly workBytesMax?: number
  readonly workWaitMs?: number
}

/** Needs `ranges` for files beyond 64 MiB: the schema stands at the end of a file. */
export function createParquetFormat({ maskValue, workBytesMax, workWaitMs }: ParquetFormatDeps): Format {
  const budget = createWorkBudget({
    ...(workBytesMax === undefined ? {} : { bytesMax: workBytesMax }),
    ...(workWaitMs === undefined ? {} : { waitMs: workWaitMs }),
  })
  return {
    mediaTypes: ['application/vnd.apache.parquet', 'application/parquet', 'application/x-parquet'],
    extensions: ['parquet', 'pq'],
    async *guard(bytes, options) {
      const share = budget.open()
      try {
        const source = await openFileSource(bytes, options, share)
        const metadata = await readMetadata(source)
        const policy = options.policyFor(recordSchemaOf(metadata.schema, maskValue))
        yield* guardGroups({ source, metadata, maskValue, share, options }, policy)
      } finally {
        share.release()
      }
    },
  }
}

function recordSchemaOf(schema: Schema, maskValue: MaskValue): RecordSchema {
  return {
    accepts: (mask) => verdictOf(schema, mask, maskValue),
    canCompute,
    fieldsAt: (path) => fieldsAt(schema, path),
  }
}
