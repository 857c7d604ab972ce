/** Decides the rows of one row group, from no more columns than that takes. */
import { setImmediate } from 'node:timers/promises'
import type { RecordDecision } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { RecordPolicy } from '../../domain/record-policy.ts'
import type { Counts } from '../format.ts'
import { beyondLimit } from '../record-stream/format-errors.ts'
import { createFactReader, fieldsOfFacts } from './facts.ts'
import { checkpointRows, decisionsMax, jsonBytesMax } from './limits.ts'
import type { RowGroup } from './metadata.ts'
import { createFieldReader, type FieldReader, type LoadedColumn } from './rows.ts'
import type { Node, Schema } from './schema.ts'

export type DecidedRows = {
  readonly rowCount: number
  /** For each row, which of the decisions; undefined: the first for all. */
  readonly classes: Uint16Array | undefined
  readonly decisions: readonly RecordDecision[]
  readonly kept: number
}

export type DecideDeps = {
  readonly schema: Schema
  readonly group: RowGroup
  readonly counts: Counts
  /** The policy for the rows from now on. */
  renew(): RecordPolicy
  loadColumns(fields: readonly Node[]): Promise<ReadonlyMap<number, LoadedColumn>>
}

export const keptWhole: RecordDecision = { drop: false, masks: [] }

/** Decides the next row. */
type Decider = { decide(): RecordDecision; end(): void }

/** Bytes of columns between two turns of the event loop, roughly: in rows. */
const turnRows = 8_192

export async function decideRows(deps: DecideDeps): Promise<DecidedRows> {
  const { group, counts, renew } = deps
  const { rowCount } = group
  const classOf = new Map<RecordDecision, number>()
  let classes: Uint16Array | undefined
  let policy: RecordPolicy | undefined
  let decider: Decider | undefined
  let kept = 0
  for (let row = 0; row < rowCount; row++) {
    if (row % checkpointRows === 0) {
      if (row % turnRows === 0 && row > 0) await setImmediate()
      const renewed = renew()
      if (renewed !== policy) {
        policy = renewed
        decider = await createDecider(renewed, deps, row)
      }
    }
    const decision = decider!.decide()
    let at = classOf.get(decision)
    if (at === undefined) {
      at = classOf.size
      if (at > decisionsMax) throw beyondLimit(group.end, 'a row group of too many different decisions')
      classOf.set(decision, at)
      // rows up to here were all of the first one
      if (at === 1) classes = new Uint16Array(rowCount)
    }
    if (classes !== undefined) classes[row] = at
    counts.processed++
    if (!decision.drop) kept++
  }
  decider?.end()
  return { rowCount, classes, decisions: [...classOf.keys()], kept }
}

async function createDecider(policy: RecordPolicy, deps: DecideDeps, row: number): Promise<Decider> {
  const { schema } = deps
  switch (policy.kind) {
    case 'deny':
      throw new PortcullisError('policy.denied')
    case 'untouched':
      return { decide: () => keptWhole, end: () => undefined }
    case 'constant':
      return { decide: () => policy.decision, end: () => undefined }
    case 'by-facts': {
      const names = fieldsOfFacts(policy.facts)
      const readers = await readersFor(
        schema.fields.filter(({ name }) => names?.has(name) ?? true),
        deps,
        row,
        'value',
      )
      const facts = createFactReader(policy.facts, readers)
      return { decide: () => policy.decide(facts()), end: () => endAll(readers) }
    }
    case 'by-record': {
      const { fields } = policy
      const chosen = schema.fields.filter(({ name }) => fields?.includes(name) ?? true)
      const readers = await readersFor(chosen, deps, row, 'text')
      const names = readers.map(({ name }, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`)
      return {
        decide() {
          let text = '{'
          for (let index = 0; index < readers.length; index++) text += names[index]! + readers[index]!.text()
          if (text.length > jsonBytesMax) throw beyondLimit(deps.group.end, 'a record that is too large')
          return policy.decide(Buffer.from(`${text}}`))
        },
        end: () => endAll(readers),
      }
    }
  }
}

async function readersFor(
  fields: readonly Node[],
  { loadColumns }: DecideDeps,
  row: number,
  how: 'value' | 'text',
): Promise<readonly FieldReader[]> {
  const columns = await loadColumns(fields)
  const readers = fields.map((node) => createFieldReader(node, columns))
  // a policy that is new in the middle of a row group begins where the last one ended
  for (let passed = 0; passed < row; passed++) for (const reader of readers) reader[how]()
  return readers
}

function endAll(readers: readonly FieldReader[]): void {
  for (const reader of readers) reader.end()
}
