/** What every format that looks into records promises (src/formats/format.ts). A test file gives it the format, a writer and an independent reader. */
import { describe, expect, it } from 'vitest'
import type { Mask, RecordDecision } from '../../src/domain/decision.ts'
import { PortcullisError } from '../../src/domain/errors.ts'
import { evaluateFact } from '../../src/domain/facts.ts'
import type { Json } from '../../src/domain/json.ts'
import type { FactSelector, FactValue, RecordPolicy, RecordSchema } from '../../src/domain/record-policy.ts'
import type { Counts, Format } from '../../src/formats/format.ts'

/** A record that every format can hold. */
export type SampleRecord = { readonly id: string; readonly note: string | null; readonly amount: number }

export type FormatSamples = {
  readonly format: Format
  encode(records: readonly SampleRecord[]): Promise<Buffer>
  /** By another reader than ours. @throws where the bytes are not a whole document */
  decode(bytes: Buffer): Promise<readonly SampleRecord[]>
  /** How a rule sees a record, where that is not as it is: in a table all is text. */
  readonly seen?: (record: SampleRecord) => { readonly id: Json; readonly note: Json; readonly amount: Json }
  /** Whether the fields are known before the first record, so that a mask on another is refused. */
  readonly knowsFields: boolean
  /** Whether a document cut off there is a shorter document of the same format: nobody can tell it from one that is complete. */
  canEndAt(bytes: Buffer, length: number): boolean
  /** Whether nothing is known before the last byte: a source that is no more than a stream is then read whole. */
  readonly endsWithSchema?: boolean
  /** Documents that are wrong somewhere. */
  readonly corrupt: readonly { readonly name: string; readonly bytes: Buffer }[]
}

const keep: RecordDecision = { drop: false, masks: [] }
const drop: RecordDecision = { drop: true }
const masked = (...masks: readonly Mask[]): RecordDecision => ({ drop: false, masks })
const constant = (decision: RecordDecision): RecordPolicy => ({ kind: 'constant', decision })
const chunkSizes = [1, 7, 4096, Number.POSITIVE_INFINITY]

export function sampleRecords(count: number): readonly SampleRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `id-${index}`,
    note: index % 3 === 0 ? null : `note "${index}", ä\\ 😀`,
    amount: index * 1_000 - 500,
  }))
}

export type Watched = AsyncIterable<Uint8Array> & { pulls: number; closed: boolean }

export function inChunks(bytes: Buffer, size = 4096): Watched {
  const watched: Watched = {
    pulls: 0,
    closed: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (let start = 0; start < bytes.length; start += size) {
          watched.pulls++
          yield bytes.subarray(start, Math.min(start + size, bytes.length))
        }
      } finally {
        watched.closed = true
      }
    },
  }
  return watched
}

export type ReadOptions = {
  readonly policy: RecordPolicy | ((schema: RecordSchema) => RecordPolicy)
  readonly chunkSize?: number
  readonly checkpoint?: () => RecordPolicy | undefined
  readonly signal?: AbortSignal
  readonly counts?: Counts
}

export function guardOf(format: Format, source: AsyncIterable<Uint8Array>, options: ReadOptions) {
  const {
    policy,
    checkpoint,
    signal = new AbortController().signal,
    counts = { processed: -1, returned: -1 },
  } = options
  return format.guard(source, {
    policyFor: typeof policy === 'function' ? policy : () => policy,
    counts,
    signal,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  })
}

export async function readFrom(
  format: Format,
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of guardOf(format, source, options)) parts.push(part)
  return Buffer.concat(parts)
}

export function readAll(format: Format, bytes: Buffer, options: ReadOptions): Promise<Buffer> {
  return readFrom(format, inChunks(bytes, options.chunkSize), options)
}

async function failureOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
}

export function formatConformance(name: string, makeSamples: () => Promise<FormatSamples>): void {
  describe(`the ${name} format`, () => {
    const setUp = async (count = 40) => {
      const samples = await makeSamples()
      const records = sampleRecords(count)
      return { ...samples, records, bytes: await samples.encode(records) }
    }

    it('names its media types and extensions in lower case', async () => {
      const { format } = await makeSamples()
      expect(format.mediaTypes.length).toBeGreaterThan(0)
      for (const type of format.mediaTypes) expect(type).toMatch(/^[a-z0-9]+\/[a-z0-9.+-]+$/)
      for (const extension of format.extensions) expect(extension).toMatch(/^[a-z0-9]+$/)
    })

    it('passes bytes untouched where no rule can deny or mask', async () => {
      const { format, bytes } = await setUp()
      for (const chunkSize of chunkSizes)
        expect((await readAll(format, bytes, { policy: { kind: 'untouched' }, chunkSize })).equals(bytes)).toBe(true)
    })

    it('gives all records where all are permitted, and counts them', async () => {
      const { format, bytes, records, decode } = await setUp()
      for (const chunkSize of chunkSizes) {
        const counts = { processed: -1, returned: -1 }
        expect(await decode(await readAll(format, bytes, { policy: constant(keep), chunkSize, counts }))).toEqual(
          records,
        )
        expect(counts).toEqual({ processed: records.length, returned: records.length })
      }
    })

    it('masks fields and leaves the others as they are', async () => {
      const { format, bytes, records, decode } = await setUp()
      const decision = masked(
        { path: '/amount', action: 'round', to: 10_000 },
        { path: '/id', action: 'constant', value: 'hidden' },
        { path: '/note', action: 'null' },
      )
      const expected = records.map(({ amount }) => ({
        id: 'hidden',
        note: null,
        amount: amount < 0 ? 0 : Math.round(amount / 10_000) * 10_000,
      }))
      for (const chunkSize of chunkSizes)
        expect(await decode(await readAll(format, bytes, { policy: constant(decision), chunkSize }))).toEqual(expected)
    })

    it('masks a part of a text, and leaves a null alone', async () => {
      const { format, bytes, records, decode } = await setUp()
      const decision = masked({ path: '/note', action: 'partial', keepFirst: 2, fill: 'é' })
      expect(await decode(await readAll(format, bytes, { policy: constant(decision) }))).toEqual(
        records.map((record) => ({
          ...record,
          note: record.note && [...record.note].map((character, index) => (index < 2 ? character : 'é')).join(''),
        })),
      )
    })

    it('is a valid empty document when no record is left', async () => {
      const { format, bytes, records, decode } = await setUp()
      const counts = { processed: -1, returned: -1 }
      expect(await decode(await readAll(format, bytes, { policy: constant(drop), counts }))).toEqual([])
      expect(counts).toEqual({ processed: records.length, returned: 0 })
    })

    it('reads a document without records', async () => {
      const { format, encode, decode } = await makeSamples()
      const bytes = await encode([])
      for (const policy of [constant(keep), constant(drop), { kind: 'untouched' } as const])
        expect(await decode(await readAll(format, bytes, { policy }))).toEqual([])
    })

    it('decides record by record, from JSON that holds the fields asked for', async () => {
      const { format, bytes, records, decode, seen: view = (record) => record } = await setUp()
      for (const fields of [['amount', 'note'], undefined]) {
        const seen: unknown[] = []
        const counts = { processed: -1, returned: -1 }
        const policy: RecordPolicy = {
          kind: 'by-record',
          fields,
          decide(json) {
            const record = JSON.parse(Buffer.from(json).toString()) as SampleRecord
            seen.push({ amount: record.amount, note: record.note })
            return (record.note ?? '') === '' ? drop : keep
          },
        }
        const left = await decode(await readAll(format, bytes, { policy, counts }))
        expect(seen).toEqual(records.map(view).map(({ amount, note }) => ({ amount, note })))
        expect(left).toEqual(records.filter(({ note }) => note !== null))
        expect(counts).toEqual({ processed: records.length, returned: left.length })
      }
    })

    it('computes facts as they are computed from a decoded record', async () => {
      const { format, bytes, records, decode, seen: view = (record) => record } = await setUp()
      const facts: readonly FactSelector[] = [
        { name: 'a.b/any', op: 'any', path: '/**', operand: 'id-7' },
        { name: 'a.b/equals', op: 'equals', path: '/id', operand: 'id-7' },
        { name: 'a.b/null', op: 'equals', path: '/note', operand: null },
        { name: 'a.b/compare', op: 'compare', path: '/amount', operator: '>=', operand: 6_500 },
        { name: 'a.b/in', op: 'in', path: '/id', operand: ['id-3', 'id-4'] },
        { name: 'a.b/get', op: 'get', path: '/amount' },
        { name: 'a.b/exists', op: 'exists', path: '/id' },
        { name: 'a.b/absent', op: 'exists', path: '/nothing' },
        { name: 'a.b/all', op: 'all', path: '/*', operand: 'id-7' },
        { name: 'a.b/open', op: 'equals', path: '/id' },
      ]
      const seen: (readonly FactValue[])[] = []
      const policy: RecordPolicy = {
        kind: 'by-facts',
        facts,
        decide(values) {
          seen.push([...values])
          return values[1] === true ? drop : keep
        },
      }
      const left = await decode(await readAll(format, bytes, { policy }))
      expect(seen).toEqual(records.map(view).map((record) => facts.map((fact) => evaluateFact(fact, record))))
      expect(left).toEqual(records.filter(({ id }) => id !== 'id-7'))
    })

    it('can compute the facts that it is asked for, and says so', async () => {
      const { format, bytes } = await setUp(1)
      await readAll(format, bytes, {
        policy(schema) {
          expect(schema.canCompute({ name: 'a.b/c', op: 'exists', path: '/id' })).toBe(true)
          expect(schema.canCompute({ name: 'a.b/c', op: 'any', path: '/**/id', operand: 'x' })).toBe(true)
          return constant(keep)
        },
      })
    })

    it('says of a mask whether it knows the field', async () => {
      const { format, bytes, knowsFields } = await setUp(1)
      await readAll(format, bytes, {
        policy(schema) {
          expect(schema.accepts({ path: '/note', action: 'null' })).toBe('ok')
          const unknown = schema.accepts({ path: '/nothing', action: 'null' })
          if (knowsFields) expect(unknown).toBe('path_unknown')
          return constant(keep)
        },
      })
    })

    it('asks for the policy once, before the first byte, and ends with what that throws', async () => {
      const { format, bytes } = await setUp()
      const source = inChunks(bytes, 64)
      let asked = 0
      const chunks = guardOf(format, source, {
        policy() {
          asked++
          throw new PortcullisError('policy.denied')
        },
      })
      const given: Uint8Array[] = []
      const failure = await failureOf(
        (async () => {
          for await (const chunk of chunks) given.push(chunk)
        })(),
      )
      expect(failure).toMatchObject({ code: 'policy.denied' })
      expect({ asked, given, closed: source.closed }).toEqual({ asked: 1, given: [], closed: true })
    })

    it('gives nothing where the policy denies', async () => {
      const { format, bytes } = await setUp()
      const failure = await failureOf(readAll(format, bytes, { policy: { kind: 'deny', reasons: [] } }))
      expect(failure).toBeInstanceOf(PortcullisError)
    })

    it('ends with what a decision throws', async () => {
      const { format, bytes } = await setUp()
      let left = 20
      const policy: RecordPolicy = {
        kind: 'by-record',
        fields: [],
        decide() {
          if (left-- === 0) throw new PortcullisError('policy.failed')
          return keep
        },
      }
      const source = inChunks(bytes)
      const failure = await failureOf(readFrom(format, source, { policy }))
      expect(failure).toMatchObject({ code: 'policy.failed' })
      expect(source.closed).toBe(true)
    })

    it('comes to a checkpoint every few hundred records and before each chunk', async () => {
      const { format, bytes } = await setUp(3_000)
      for (const policy of [constant(keep), constant(masked({ path: '/note', action: 'null' })), constant(drop)]) {
        const counts = { processed: -1, returned: -1 }
        const at: number[] = []
        let since = 0
        const chunks = guardOf(format, inChunks(bytes), {
          policy,
          counts,
          checkpoint() {
            at.push(counts.processed)
            since++
            return undefined
          },
        })
        for await (const _ of chunks) {
          expect(since).toBeGreaterThan(0)
          since = 0
        }
        const steps = at.map((processed, index) => processed - (at[index - 1] ?? 0))
        expect(Math.max(...steps)).toBeLessThanOrEqual(512)
        expect(3_000 - at.at(-1)!).toBeLessThanOrEqual(512)
      }
    })

    it('ends with what a checkpoint throws', async () => {
      const { format, bytes } = await setUp(3_000)
      for (const policy of [constant(keep), { kind: 'untouched' } as const]) {
        let calls = 0
        const source = inChunks(bytes)
        const failure = await failureOf(
          readFrom(format, source, {
            policy,
            checkpoint() {
              if (++calls === 2) throw new PortcullisError('token.unknown')
              return undefined
            },
          }),
        )
        expect(failure).toMatchObject({ code: 'token.unknown' })
        expect(source.closed).toBe(true)
      }
    })

    it('decides by a renewed policy from the next record on', async () => {
      const { format, bytes, records, decode } = await setUp(3_000)
      for (const policy of [constant(keep), { kind: 'untouched' } as const]) {
        const counts = { processed: -1, returned: -1 }
        let calls = 0
        let switchedAt = -1
        const out = await readAll(format, bytes, {
          policy,
          counts,
          checkpoint() {
            if (++calls !== 3) return undefined
            switchedAt = Math.max(counts.processed, 0)
            return constant(drop)
          },
        })
        const left = await decode(out)
        expect(left).toEqual(records.slice(0, left.length))
        expect(left.length).toBeLessThan(records.length)
        // nobody counts where bytes pass untouched in some formats
        if (policy.kind !== 'untouched') expect(left.length).toBe(switchedAt)
      }
    })

    it('ends when it is aborted', async () => {
      const { format, bytes } = await setUp(3_000)
      for (const policy of [constant(keep), { kind: 'untouched' } as const]) {
        const controller = new AbortController()
        const source = inChunks(bytes)
        const failure = await failureOf(
          (async () => {
            for await (const _ of guardOf(format, source, { policy, signal: controller.signal }))
              controller.abort(new PortcullisError('request.aborted'))
          })(),
        )
        expect(failure).toMatchObject({ code: 'request.aborted' })
        expect(source.closed).toBe(true)
      }
    })

    it('reads no further than the consumer asks, and closes the source when the consumer leaves', async () => {
      const { format, bytes, endsWithSchema = false } = await setUp(3_000)
      const source = inChunks(bytes, 1024)
      const chunks = guardOf(format, source, { policy: constant(keep) })[Symbol.asyncIterator]()
      await chunks.next()
      const pulled = source.pulls
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(source.pulls).toBe(pulled)
      if (!endsWithSchema) expect(pulled).toBeLessThan(Math.ceil(bytes.length / 1024))
      await chunks.return?.()
      expect(source.closed).toBe(true)
    })

    it('gives a whole answer or an error when the document is cut off anywhere', async () => {
      const { format, bytes, decode, records, canEndAt } = await setUp(5)
      const hidden = records.map((record) => ({ ...record, note: null }))
      const cases: readonly (readonly [RecordPolicy, readonly SampleRecord[]])[] = [
        [constant(keep), records],
        [constant(masked({ path: '/note', action: 'null' })), hidden],
        [{ kind: 'untouched' }, records],
      ]
      for (const [policy, expected] of cases)
        for (let length = 0; length < bytes.length; length++) {
          const reading = readAll(format, bytes.subarray(0, length), { policy, chunkSize: 64 })
          const out = await reading.catch((thrown: unknown) => thrown)
          if (!Buffer.isBuffer(out)) {
            expect(out).toBeInstanceOf(PortcullisError)
            expect((out as PortcullisError).code).toBe('format.corrupt')
          } else {
            expect(canEndAt(bytes, length)).toBe(true)
            const given = await decode(out)
            expect(given).toEqual(expected.slice(0, given.length))
          }
        }
    })

    it('refuses what is wrong, and quotes none of it', async () => {
      const { format, corrupt } = await setUp()
      expect(corrupt.length).toBeGreaterThan(0)
      for (const { name: what, bytes } of corrupt) {
        const failure = await failureOf(readAll(format, bytes, { policy: constant(keep) }))
        expect(failure, what).toBeInstanceOf(PortcullisError)
        const { code, message } = failure as PortcullisError
        expect(['format.corrupt', 'format.limit'], what).toContain(code)
        expect(message, what).not.toMatch(/id-\d|note/)
      }
    })
  })
}
