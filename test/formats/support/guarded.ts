/** Runs bytes through a format, cut where a test wants them cut. */
import type { Mask } from '../../../src/domain/decision.ts'
import type { Json } from '../../../src/domain/json.ts'
import type { RecordPolicy, RecordSchema } from '../../../src/domain/record-policy.ts'
import type { Counts, Format } from '../../../src/formats/format.ts'
import { parseHashKeys } from '../../../src/policy/masks/hash-keys.ts'
import { createMaskValue } from '../../../src/policy/masks/mask-value.ts'
import { mergeMasks } from '../../../src/policy/masks/merge-masks.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'

const secret = Buffer.alloc(32, 7).toString('base64')
export const maskValue = createMaskValue({ hashKeys: parseHashKeys({ current: 'test', keys: { test: secret } }) })

export const untouched: RecordPolicy = { kind: 'untouched' }
export const dropAll: RecordPolicy = { kind: 'constant', decision: { drop: true } }
export const masked = (...masks: readonly Json[]): RecordPolicy => ({
  kind: 'constant',
  decision: { drop: false, masks: mergeMasks(masks.map(parseMask)) },
})
export const permitAll: RecordPolicy = masked()
export const maskedIf = (masks: readonly Mask[]) => ({ drop: false, masks: mergeMasks(masks) }) as const

export type Guarded = {
  readonly bytes: Buffer
  readonly text: string
  readonly chunks: readonly Uint8Array[]
  readonly counts: Counts
}

export type GuardSettings = {
  readonly policy?: RecordPolicy | ((schema: RecordSchema) => RecordPolicy)
  readonly checkpoint?: () => RecordPolicy | undefined
  readonly signal?: AbortSignal
}

export async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut)
    from = cut
  }
  yield bytes.subarray(from)
}

export async function guarded(
  format: Format,
  input: string | Uint8Array | AsyncIterable<Uint8Array>,
  {
    policy = permitAll,
    checkpoint,
    signal = new AbortController().signal,
    cuts = [],
  }: GuardSettings & { readonly cuts?: readonly number[] } = {},
): Promise<Guarded> {
  const counts = { processed: -1, returned: -1 }
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  const source = bytes instanceof Uint8Array ? chunksOf(bytes, cuts) : bytes
  const policyFor = typeof policy === 'function' ? policy : () => policy
  const chunks: Uint8Array[] = []
  for await (const chunk of format.guard(source, {
    policyFor,
    counts,
    signal,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  }))
    chunks.push(chunk)
  const all = Buffer.concat(chunks)
  return { bytes: all, text: all.toString(), chunks, counts }
}

/** The code of what is thrown. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (thrown) {
    return (thrown as { readonly code?: string }).code ?? String(thrown)
  }
  return 'nothing thrown'
}
