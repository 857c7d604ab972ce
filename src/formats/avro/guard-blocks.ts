/** Takes the blocks of one file through the policy, one at a time. */
import { setImmediate } from 'node:timers/promises'
import { PortcullisError } from '../../domain/errors.ts'
import type { RecordPolicy } from '../../domain/record-policy.ts'
import type { GuardOptions } from '../format.ts'
import { passesAll } from '../record-stream/guard-records.ts'
import { type Cursor, createWriter, type Writer, writeAll, writeLong, writeSpan, written } from './bytes.ts'
import type { Codec } from './codecs.ts'
import type { Block, Container, Header } from './container.ts'
import { createDecider, createTreatments, type Decider, type Treatments } from './decider.ts'
import { headerBytes } from './header-bytes.ts'
import type { KnownSchema } from './known-schemas.ts'
import { AvroFault, beyondLimit, corrupt, emptyItemsMax, faultAt, recordBytesMax } from './limits.ts'
import type { MaskValue } from './value-mask.ts'

export type GuardDeps = {
  readonly schema: KnownSchema
  readonly codec: Codec
  readonly header: Header
  readonly container: Container
  readonly maskValue: MaskValue
  readonly options: GuardOptions
}

/** Records between two checkpoints: a power of two. */
const checkpointRecords = 256
/** Bytes of records between two turns of the event loop, which whoever watches the read needs. */
const turnBytes = 1024 * 1024
/** Room for count and size in front of a block's content. */
const headRoom = 20
/** Room for masked values that are longer than the source's, in bytes. */
const growthRoom = 4096

type Current = {
  readonly untouched: boolean
  /** Whether it hides nothing from anybody. */
  readonly passesAll: boolean
  readonly decider: () => Decider
}

export async function* guardBlocks(deps: GuardDeps, initial: RecordPolicy): AsyncGenerator<Uint8Array> {
  const { container, header, options } = deps
  const { counts, signal } = options
  const treatmentOf = createTreatments(deps.schema.root, deps.maskValue)
  let current = currentOf(initial, deps.schema, treatmentOf)
  const renew = (): Current => {
    signal.throwIfAborted()
    const policy = options.checkpoint?.()
    if (policy !== undefined) current = currentOf(policy, deps.schema, treatmentOf)
    return current
  }

  counts.processed = 0
  counts.returned = 0
  // the header waits for the first block, so that a file that is wrong there gives nothing at all
  let hasLead = true
  // what a writer noted beside the schema may tell of the records that are withheld
  const lead = () => {
    hasLead = false
    return current.passesAll || !header.saysMore ? header.bytes : headerBytes(header.schema, header.codec, header.sync)
  }
  while (await container.ready()) {
    let bytes: Buffer | undefined
    if (renew().untouched) {
      const run = container.takeRun()
      counts.processed += run.count
      counts.returned += run.count
      bytes = run.bytes
    } else {
      bytes = await guardBlock(deps, container.take(), renew)
      renew()
    }
    if (hasLead) yield bytes === undefined ? lead() : Buffer.concat([lead(), bytes])
    else if (bytes !== undefined) yield bytes
  }
  if (hasLead) {
    renew()
    yield lead()
  }
}

function currentOf(policy: RecordPolicy, schema: KnownSchema, treatmentOf: Treatments): Current {
  if (policy.kind === 'deny') throw new PortcullisError('policy.denied')
  const create = () => createDecider(policy, schema, treatmentOf)
  const untouched = policy.kind === 'untouched'
  let decider = untouched ? undefined : create()
  return {
    untouched,
    passesAll: passesAll(policy),
    decider: () => (decider ??= create()),
  }
}

/** The block as the user may see it; undefined where no record is left. */
async function guardBlock(deps: GuardDeps, block: Block, renew: () => Current): Promise<Buffer | undefined> {
  let content: Buffer | undefined
  try {
    content = await deps.codec.decompress(block.data)
    const guarded = await guardRecords(block, content, renew, deps.options.counts)
    if (guarded.kept === 0) return undefined
    return guarded.content === undefined ? block.bytes : await assemble(deps, guarded.kept, guarded.content)
  } catch (thrown) {
    if (!(thrown instanceof AvroFault)) throw thrown
    if (content === undefined) throw faultAt(thrown.kind, block.dataOffset)
    throw content === block.data
      ? faultAt(thrown.kind, block.dataOffset + thrown.position)
      : faultAt(thrown.kind, thrown.position, block.offset)
  }
}

type Guarded = {
  readonly kept: number
  /** Undefined where all records stay as they are. */
  readonly content: Writer | undefined
}

async function guardRecords(
  block: Block,
  content: Buffer,
  renew: () => Current,
  counts: GuardOptions['counts'],
): Promise<Guarded> {
  if (block.count > content.length + emptyItemsMax) throw beyondLimit(0)
  const cursor: Cursor = { bytes: content, position: 0, end: 0 }
  const end = content.length
  let decider = renew().decider()
  decider.open(content)
  let writer: Writer | undefined
  let kept = 0
  let position = 0
  /** Where the bytes begin that stay as they are and have not been copied yet. */
  let from = 0
  let turnAt = turnBytes
  for (let index = 0; index < block.count; index++) {
    if ((index & (checkpointRecords - 1)) === 0 && index > 0) {
      if (position >= turnAt) {
        turnAt = position + turnBytes
        await setImmediate()
      }
      const renewed = renew().decider()
      if (renewed !== decider) {
        decider = renewed
        decider.open(content)
      }
    }
    const start = position
    position = decider.walk(start, end)
    if (position - start > recordBytesMax) throw beyondLimit(start)
    const { drop, splice } = decider.decide(start, position)
    counts.processed++
    if (!drop) kept++
    if (!drop && splice === undefined) continue
    writer ??= startContent(content.length)
    if (splice === undefined) {
      writeSpan(writer, content, from, start)
      from = position
      continue
    }
    cursor.position = start
    cursor.end = position
    from = splice(cursor, decider.walker, writer, from)
  }
  if (position !== end) throw corrupt(position)
  if (writer !== undefined) writeSpan(writer, content, from, end)
  counts.returned += kept
  return { kept, content: writer }
}

function startContent(size: number): Writer {
  const writer = createWriter(headRoom + size + growthRoom)
  writer.length = headRoom
  return writer
}

async function assemble({ codec, header }: GuardDeps, count: number, content: Writer): Promise<Buffer> {
  const plain = content.bytes.subarray(headRoom, content.length)
  const data = await codec.compress(plain)
  const head = createWriter(headRoom)
  writeLong(head, count)
  writeLong(head, data.length)
  if (data !== plain) return Buffer.concat([written(head), data, header.sync])
  // not compressed: it lies where it is sent from already
  writeAll(content, header.sync)
  const start = headRoom - head.length
  head.bytes.copy(content.bytes, start, 0, head.length)
  return content.bytes.subarray(start, content.length)
}
