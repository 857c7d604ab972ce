/** Takes the row groups of one file through the policy, one at a time. */
import type { RecordPolicy } from '../../domain/record-policy.ts'
import type { GuardOptions } from '../format.ts'
import { passesAll, permitted } from '../record-stream/guard-records.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { createColumnGuard } from './column-guard.ts'
import { decideRows } from './decide-rows.ts'
import type { FileSource } from './file-source.ts'
import { copiedColumn, type GivenColumn, type GivenGroup, staysSorted, writeFooter } from './file-writer.ts'
import { pieceBytes } from './limits.ts'
import { type FileMetadata, magic, type RowGroup } from './metadata.ts'
import type { WorkShare } from './work-budget.ts'

export type GuardDeps = {
  readonly source: FileSource
  readonly metadata: FileMetadata
  readonly maskValue: MaskValue
  readonly share: WorkShare
  readonly options: GuardOptions
}

export async function* guardGroups(deps: GuardDeps, initial: RecordPolicy): AsyncGenerator<Uint8Array> {
  const { source, metadata, options } = deps
  const { counts, signal } = options
  const columnGuard = createColumnGuard(deps)
  const given: GivenGroup[] = []
  let policy = permitted(initial)
  /** Bytes given on. */
  let length = 0
  /** Whether those are the first of the source, just as they are there. */
  let isPrefix = true

  function renew(): RecordPolicy {
    signal.throwIfAborted()
    policy = permitted(options.checkpoint?.() ?? policy)
    return policy
  }

  /** Bytes of the source as they are, while `goesOn`, which is asked before each piece. */
  async function* passUpTo(end: number, goesOn: () => boolean): AsyncGenerator<Uint8Array> {
    while (length < end) {
      const piece = await source.pass(length, Math.min(end, length + pieceBytes))
      if (!goesOn()) return
      length += piece.length
      yield piece
    }
  }

  function* give(bytes: Buffer): Generator<Uint8Array> {
    const lead = length === 0 ? Buffer.concat([magic, bytes]) : bytes
    isPrefix = false
    for (let start = 0; start < lead.length; start += pieceBytes) {
      const piece = lead.subarray(start, start + pieceBytes)
      renew()
      length += piece.length
      yield piece
    }
  }

  async function* guardGroup(group: RowGroup): AsyncGenerator<Uint8Array> {
    const rows = await decideRows({
      schema: metadata.schema,
      group,
      counts,
      renew,
      loadColumns: (fields) => columnGuard.load(group, fields),
    })
    counts.returned += rows.kept
    if (
      isPrefix &&
      passesAll(policy) &&
      rows.decisions.every((decision) => !decision.drop && decision.masks.length === 0)
    ) {
      yield* passUpTo(group.end, () => renew() !== undefined)
      given.push(givenAsIs(group))
      return
    }
    isPrefix = false
    if (rows.kept === 0) return
    const columns: GivenColumn[] = []
    const changes = columnGuard.changes(rows)
    for (const { index } of metadata.schema.leaves) {
      const { parts, columnAt } = await columnGuard.guard(group, index, rows)
      columns.push(columnAt(Math.max(length, magic.length)))
      for (const part of parts) yield* give(part)
    }
    given.push({ rowCount: rows.kept, columns, source: group, isSorted: staysSorted(group, changes) })
  }

  counts.processed = 0
  counts.returned = 0
  for (const group of metadata.groups) {
    if (isPrefix && policy.kind === 'untouched') {
      yield* passUpTo(group.end, () => renew().kind === 'untouched')
      // nobody could have drawn on the part of a row group that has been given on: it is written whole again
      if (length >= group.end) {
        counts.processed += group.rowCount
        counts.returned += group.rowCount
        given.push(givenAsIs(group))
        continue
      }
    }
    await columnGuard.holdFor(group)
    yield* guardGroup(group)
  }
  if (isPrefix && passesAll(policy)) {
    yield* passUpTo(source.size, () => passesAll(renew()))
    if (length === source.size) return
  }
  yield* give(
    writeFooter(
      metadata,
      given.filter(({ rowCount }) => rowCount > 0),
    ),
  )
}

function givenAsIs(group: RowGroup): GivenGroup {
  const columns = group.columns.map((chunk) => copiedColumn(chunk, chunk.start))
  return { rowCount: group.rowCount, columns, source: group, isSorted: true }
}
