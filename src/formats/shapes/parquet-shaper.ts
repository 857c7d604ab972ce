/** Parquet as NDJSON. The schema stands at the end of a file, so that what the guard gives is held until it is whole, within a limit. */
import { PortcullisError } from '../../domain/errors.ts'
import type { GuardOptions } from '../format.ts'
import { createColumnGuard } from '../parquet/column-guard.ts'
import { openFileSource } from '../parquet/file-source.ts'
import { readMetadata } from '../parquet/metadata.ts'
import { createFieldReader, type FieldReader } from '../parquet/rows.ts'
import { createWorkBudget } from '../parquet/work-budget.ts'
import { createByteSink } from '../record-stream/byte-sink.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { outputBytes } from '../record-stream/limits.ts'
import type { ShapeOptions, Shaper } from '../shaper.ts'
import { indexesOf } from './columns.ts'

export function createParquetShaper(): Shaper {
  const budget = createWorkBudget()

  async function* toNdjson(
    bytes: AsyncIterable<Uint8Array>,
    { columns, records, signal }: ShapeOptions,
  ): AsyncGenerator<Uint8Array> {
    const share = budget.open()
    // nothing is left to be decided or masked: the guard has done that
    const options: GuardOptions = {
      policyFor: () => ({ kind: 'untouched' }),
      counts: { processed: 0, returned: 0 },
      signal,
    }
    try {
      const source = await openFileSource(bytes, options, share)
      const metadata = await readMetadata(source)
      const { fields } = metadata.schema
      const names = fields.map(({ name }) => name)
      const chosen = columns === undefined ? fields : indexesOf(columns, names).map((index) => fields[index]!)
      const guard = createColumnGuard({ source, metadata, maskValue: (_mask, value) => value, share, options })
      const leads = chosen.map(({ name }, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`)
      const sink = createByteSink(outputBytes)
      for (const group of metadata.groups) {
        await guard.holdFor(group)
        const loaded = await guard.load(group, chosen)
        const readers = chosen.map((node) => createFieldReader(node, loaded))
        for (let row = 0; row < group.rowCount; row++) {
          sink.text('{')
          for (let index = 0; index < readers.length; index++) {
            sink.text(leads[index]!)
            sink.text(textOf(readers[index]!, group.end))
          }
          sink.text('}\n')
          records.count++
          if (sink.length() < outputBytes) continue
          signal.throwIfAborted()
          yield sink.take()
        }
      }
      if (sink.length() > 0) yield sink.take()
    } finally {
      share.release()
    }
  }

  return {
    mediaTypes: ['application/vnd.apache.parquet', 'application/parquet', 'application/x-parquet'],
    endsAnywhere: false,
    toNdjson,
    isCompressed: () => true,
  }
}

/** @throws format.corrupt for a number that is not finite, which JSON has no words for */
function textOf(reader: FieldReader, place: number): string {
  try {
    return reader.text()
  } catch (thrown) {
    if (thrown instanceof PortcullisError && thrown.code === 'policy.input_invalid')
      throw corrupt(place, 'a number that JSON cannot hold in the row group that ends')
    throw thrown
  }
}
