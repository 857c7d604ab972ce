/** Columns of row groups: loaded for deciding, copied byte for byte where no decision touches them, else written anew. */
import { setImmediate } from 'node:timers/promises'
import type { Mask } from '../../domain/decision.ts'
import { remembered } from '../record-stream/remembered.ts'
import type { DecidedRows } from './decide-rows.ts'
import { copiedColumn, type GivenColumn } from './file-writer.ts'
import type { GuardDeps } from './guard-groups.ts'
import { compileMasks, type LeafMasks } from './masks.ts'
import type { RowGroup } from './metadata.ts'
import { checkPages, readPages } from './pages.ts'
import { rewriteChunk, rewriteUniformly, type Treatment } from './rewrite-chunk.ts'
import type { LoadedColumn } from './rows.ts'
import type { Node } from './schema.ts'

export type GuardedColumn = {
  readonly parts: readonly Buffer[]
  /** What the metadata says of it where it begins at this byte of the file. */
  columnAt(start: number): GivenColumn
}

export type ColumnGuard = {
  /** Holds a share of the bytes in work for the group. @throws service.busy */
  holdFor(group: RowGroup): Promise<void>
  load(group: RowGroup, fields: readonly Node[]): Promise<ReadonlyMap<number, LoadedColumn>>
  guard(group: RowGroup, column: number, rows: DecidedRows): Promise<GuardedColumn>
  /** Whether a column comes out as another. */
  changes(rows: DecidedRows): (column: number) => boolean
}

type Deps = Pick<GuardDeps, 'source' | 'metadata' | 'maskValue' | 'share' | 'options'>

export function createColumnGuard({ source, metadata, maskValue, share, options: { signal } }: Deps): ColumnGuard {
  const { schema } = metadata
  const masksOf = new WeakMap<readonly Mask[], LeafMasks>()
  const compiled = (masks: readonly Mask[]) => remembered(masksOf, masks, () => compileMasks(schema, masks, maskValue))
  const treatmentsOf = ({ decisions }: DecidedRows, column: number): readonly Treatment[] =>
    decisions.map((decision) => (decision.drop ? 'drop' : compiled(decision.masks).get(column)))
  const isChanged = (treatments: readonly Treatment[]) => treatments.some((treatment) => treatment !== undefined)

  return {
    holdFor: (group) => share.hold('rows', largestOf(group), signal),
    async load(group, fields) {
      const leaves = fields.flatMap((node) => node.leaves)
      const chunks = leaves.map(({ index }) => group.columns[index]!)
      const bytes = chunks.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0)
      // values and their places
      await share.hold('rows', largestOf(group) + 2 * bytes, signal)
      const columns = new Map<number, LoadedColumn>()
      for (const [at, leaf] of leaves.entries()) {
        const chunk = chunks[at]!
        const pages = [...readPages(leaf, chunk, await source.read(chunk.start, chunk.end))]
        columns.set(leaf.index, { leaf, chunk, pages })
        await setImmediate()
        signal.throwIfAborted()
      }
      return columns
    },
    async guard(group, column, rows) {
      const chunk = group.columns[column]!
      const treatments = treatmentsOf(rows, column)
      if (!isChanged(treatments)) {
        const bytes = await source.read(chunk.start, chunk.end)
        checkPages(chunk, bytes)
        return { parts: [bytes], columnAt: (start) => copiedColumn(chunk, start) }
      }
      const { rowCount, classes } = rows
      const rewriting = { leaf: schema.leaves[column]!, chunk, rowCount, classes, treatments }
      const written =
        rewriteUniformly(rewriting) ??
        (await rewriteChunk(rewriting, await source.read(chunk.start, chunk.end), signal))
      const { parts, size, uncompressedBytes } = written
      return { parts, columnAt: (start) => ({ start, size, uncompressedBytes, meta: written.metaAt(start) }) }
    },
    changes: (rows) => (column) => isChanged(treatmentsOf(rows, column)),
  }
}

/** What the largest column of the group takes while it is written anew: as it lies in the file, its values, what is made of them, pages and column. */
function largestOf({ columns }: RowGroup): number {
  return Math.max(0, ...columns.map(({ start, end, uncompressedBytes }) => end - start + 4 * uncompressedBytes))
}
