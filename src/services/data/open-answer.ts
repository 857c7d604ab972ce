/** Opens what a read answers with, up to its first byte: source, guard, shape; then what the caller has already, and which part they want. */
import { PortcullisError } from '../../domain/errors.ts'
import type { Place } from '../../domain/records.ts'
import type { Format, GuardOptions } from '../../formats/format.ts'
import type { Shaper } from '../../formats/shaper.ts'
import type { Reader, Source } from '../../readers/reader.ts'
import type { OpenedRead, ReadInput } from '../api.ts'
import type { Access } from './authorize.ts'
import { partOf } from './byte-range.ts'
import { entityTagOf, names, type Shape } from './entity-tag.ts'
import { createPortion, type Portion } from './portion.ts'
import type { ReadAudit } from './read-audit.ts'
import type { ReadWatch } from './read-watch.ts'
import { type Chosen, chooseShape } from './shape.ts'

export type AnswerDeps = {
  readonly readers: readonly Reader[]
  readonly formats: readonly Format[]
  readonly shapers: readonly Shaper[]
  /** Of the tags: tags hold for as long as it stays, and wherever it is the same. */
  readonly etagKey: Uint8Array
}

export type Answer = Pick<OpenedRead, 'kind' | 'mediaType' | 'takesRanges' | 'compressible' | 'part'> & {
  readonly etag: string | undefined
  readonly size: number | undefined
  readonly stream: AsyncGenerator<Uint8Array>
  readonly first: IteratorResult<Uint8Array>
  returned(): number
}

const ended: IteratorResult<Uint8Array> = { done: true, value: undefined }

/** @throws whatever refuses the read before its first byte: then nothing is left open */
export async function openAnswer(
  deps: AnswerDeps,
  input: ReadInput,
  { leaf, place }: Access,
  audit: ReadAudit,
  watch: ReadWatch,
  signal: AbortSignal,
): Promise<Answer> {
  const format = deps.formats.find(({ mediaTypes }) => mediaTypes.includes(leaf.mediaType))
  const reader = deps.readers.find(({ scheme }) => scheme === place.scheme)
  await audit.started()
  if (format === undefined) throw new PortcullisError('format.unknown')
  if (reader === undefined) throw new PortcullisError('source.unavailable')

  const source = await reader.open(place, { signal })
  const guarding = { format, reader, place, source, audit, watch, signal }
  let chosen: Chosen
  try {
    chosen = chooseShape(input, leaf.mediaType, format, deps.shapers)
  } catch (refusal) {
    // whoever policy denies is told that, and nothing of what else they asked
    const asItIs = { mediaType: leaf.mediaType, shape: undefined, shaper: undefined }
    const { stream } = guardSource({}, { ...guarding, chosen: asItIs })
    await stream.next()
    await stream.return(undefined)
    throw refusal
  }
  const guarded = guardSource(input, { ...guarding, chosen })
  // refusals known from the schema come before the first byte, as an answer and not as a broken transfer
  const first = await guarded.stream.next()

  const etag = entityTagOf(deps.etagKey, watch.access(), source.version, shapeOf(input, chosen))
  const isUntouched = guarded.isUntouched()
  const answer = {
    mediaType: chosen.mediaType,
    etag,
    takesRanges: isUntouched && source.size !== undefined,
    size: isUntouched ? source.size : undefined,
    compressible: first.done !== true && isCompressible(chosen, first.value),
    returned: guarded.returned,
  }
  // only now: what a denied caller asks besides is not looked at
  if (input.ifMatch !== undefined && !names(input.ifMatch, etag)) {
    await guarded.stream.return(undefined)
    throw new PortcullisError('request.precondition')
  }
  const isKnown = input.ifNoneMatch !== undefined && names(input.ifNoneMatch, etag)
  if (isKnown || input.headersOnly === true) {
    await guarded.stream.return(undefined)
    Object.assign(audit.progress, { processed: -1, returned: -1 })
    const stream = nothing()
    return { ...answer, kind: isKnown ? 'unchanged' : 'whole', stream, first: ended }
  }
  const { range, ifRange } = input
  if (!answer.takesRanges || range === undefined || (ifRange !== undefined && ifRange !== etag))
    return { ...answer, kind: 'whole', stream: guarded.stream, first }
  await guarded.stream.return(undefined)
  Object.assign(audit.progress, { processed: -1, returned: -1 })
  const part = partOf(range, source.size!)
  const stream = passPart(reader, place, source, { start: part.first, end: part.last + 1, signal }, watch)
  return { ...answer, kind: 'part', part, stream, first: await stream.next() }
}

const shapeOf = ({ columns, limit }: ReadInput, { mediaType }: Chosen): Shape => ({ mediaType, columns, limit })

type Guarding = {
  readonly format: Format
  readonly reader: Reader
  readonly place: Place
  readonly source: Source
  readonly chosen: Chosen
  readonly audit: ReadAudit
  readonly watch: ReadWatch
  readonly signal: AbortSignal
}

function guardSource({ limit, after }: Pick<ReadInput, 'limit' | 'after'>, guarding: Guarding) {
  const { format, source, chosen, audit, watch, signal } = guarding
  const portion = limit === undefined && after === undefined ? undefined : createPortion(limit, after)
  const records = { count: 0 }
  let kind: string | undefined
  const options: GuardOptions = {
    policyFor(schema) {
      const policy = watch.policyFor(schema)
      kind = policy.kind
      return portion === undefined ? policy : portion.cut(policy)
    },
    checkpoint() {
      const renewed = watch.checkpoint()
      return renewed === undefined || portion === undefined ? renewed : portion.cut(renewed)
    },
    counts: audit.progress,
    signal,
    ...rangesOf(guarding),
  }
  const guarded = format.guard(source.bytes, options)
  const enough = portion === undefined || !chosen.shaper?.endsAnywhere ? guarded : untilComplete(guarded, portion)
  const shaped = chosen.shape === undefined ? enough : chosen.shape(enough, records, signal)
  return {
    stream: closing(shaped, source),
    isUntouched: () => kind === 'untouched' && portion === undefined && chosen.shape === undefined,
    returned: () =>
      audit.progress.returned >= 0 || chosen.shape === undefined ? audit.progress.returned : records.count,
  }
}

/** A format that jumps about in its source need not have begun with the stream that was opened. */
async function* closing(bytes: AsyncIterable<Uint8Array>, source: Source): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } finally {
    await (source.bytes as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.()
  }
}

async function* untilComplete(guarded: AsyncIterable<Uint8Array>, portion: Portion): AsyncGenerator<Uint8Array> {
  for await (const chunk of guarded) {
    yield chunk
    if (portion.isComplete()) return
  }
}

function isCompressible({ shape, shaper, mediaType }: Chosen, first: Uint8Array): boolean {
  if (mediaType.startsWith('text/') || (shape !== undefined && mediaType.includes('json'))) return true
  return shaper !== undefined && !shaper.isCompressed(first)
}

/** For formats whose bytes do not lie in the order they are needed in. Each piece is of the version that was opened. */
function rangesOf({ reader, place, source, signal }: Guarding) {
  const { size } = source
  if (size === undefined) return {}
  return {
    ranges: {
      size,
      async read(start: number, end: number): Promise<Uint8Array> {
        const piece = await reader.open(place, { start, end, signal })
        if (piece.version !== source.version) throw new PortcullisError('source.changed')
        const chunks: Uint8Array[] = []
        for await (const chunk of piece.bytes) chunks.push(chunk)
        return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      },
    },
  }
}

async function* passPart(
  reader: Reader,
  place: Place,
  whole: Source,
  range: { readonly start: number; readonly end: number; readonly signal: AbortSignal },
  watch: ReadWatch,
): AsyncGenerator<Uint8Array> {
  const source = await reader.open(place, range)
  if (source.version !== whole.version) throw new PortcullisError('source.changed')
  for await (const chunk of closing(source.bytes, source)) {
    // a part of bytes cannot be masked: its reader asks again, and is answered anew
    if ((watch.checkpoint() ?? untouched).kind !== 'untouched') throw new PortcullisError('policy.changed')
    yield chunk
  }
}

const untouched = { kind: 'untouched' } as const

async function* nothing(): AsyncGenerator<Uint8Array> {}
