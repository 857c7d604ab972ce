/** What outlives the process: registrations, the outcome of complete requests, and which tokens were used. */
import { existsSync } from 'node:fs'
import { chmod, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../../domain/errors.ts'
import type { Token } from '../../domain/ids.ts'
import type { Extras, Registration } from '../../domain/records.ts'
import type { Grant } from '../token-store.ts'
import { createAppendFile, readRecords } from './append-file.ts'
import { lockFolder } from './folder-lock.ts'
import type { VisibleItem } from './request-ledger.ts'

/** About as long as a registration with a long context, in bytes. */
const checkLength = 4_096

/** A complete request as its owner can still read it. */
export type Outcome = {
  readonly items: readonly VisibleItem[]
  readonly grants: readonly Grant[]
  readonly total?: number
}

export type JournaledRequest = {
  readonly registration: Registration
  readonly extras: Extras
  readonly outcome?: Outcome
}

export type JournalState = {
  readonly requests: ReadonlyMap<Token, JournaledRequest>
  /** Tokens that were used, and until when that is remembered. */
  readonly used: ReadonlyMap<Token, number>
}

type JournalRecord =
  | { readonly kind: 'used'; readonly token: Token; readonly until: number }
  | {
      readonly kind: 'registered'
      readonly registration: Registration
      readonly extras: Extras
      readonly until: number
    }
  | { readonly kind: 'revoked'; readonly token: Token }
  | { readonly kind: 'complete'; readonly token: Token; readonly outcome: Outcome }
  /** Shows that there is room for another registration. */
  | { readonly kind: 'check'; readonly room: string }

export interface Journal extends AsyncDisposable {
  readonly restored: JournalState
  /** A damaged file was found and set aside: what it held is forgotten. */
  readonly damaged: boolean
  /** On disk when it resolves. */
  register(registration: Registration, extras: Extras, rememberedUntil: number): Promise<void>
  /** On disk when it resolves. */
  revoke(token: Token): Promise<void>
  /** Need not be waited for: what is lost in a crash is derived again. */
  complete(token: Token, outcome: Outcome): Promise<void>
  /** @throws whatever the disk says */
  check(): Promise<void>
}

export type JournalOptions = {
  readonly now: () => number
  /** What is worth keeping at the moment. */
  readonly live: () => {
    readonly requests: Iterable<JournaledRequest>
    readonly used: Iterable<readonly [Token, number]>
  }
  /** The file is written anew when it is longer than this and has doubled, in bytes. */
  readonly compactLengthMin: number
  readonly onCompactionFailed: () => void
}

export async function openJournal(folder: string, options: JournalOptions): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // tokens are bearer secrets
  await chmod(folder, 0o700)
  const lock = await lockFolder(folder)
  if (lock === undefined)
    throw new PortcullisError('store.unavailable', { message: 'Another process uses the token folder.' })
  const path = join(folder, 'tokens.journal')
  const { state, damaged, file } = await open().catch(async (thrown: unknown) => {
    await lock[Symbol.asyncDispose]()
    throw thrown
  })
  let compactAt = Math.max(options.compactLengthMin, 2 * file.length)
  let mayWrite = true

  async function open() {
    const { state, damaged } = await restore(path, options.now())
    return { state, damaged, file: await createAppendFile(path, encodeAll(state.requests.values(), state.used)) }
  }

  async function append(record: JournalRecord): Promise<void> {
    try {
      await file.append(JSON.stringify(record))
      mayWrite = true
    } catch (thrown) {
      mayWrite = false
      throw thrown
    }
    if (file.length > compactAt) compact()
  }

  function compact(): void {
    compactAt = Number.POSITIVE_INFINITY
    const { requests, used } = options.live()
    file
      .replace(encodeAll(requests, used))
      .catch(options.onCompactionFailed)
      .finally(() => {
        compactAt = Math.max(options.compactLengthMin, 2 * file.length)
      })
  }

  return {
    restored: state,
    damaged,
    register: (registration, extras, until) => append({ kind: 'registered', registration, extras, until }),
    revoke: (token) => append({ kind: 'revoked', token }),
    complete: (token, outcome) => append({ kind: 'complete', token, outcome }),
    async check() {
      if (!mayWrite) await append({ kind: 'check', room: ' '.repeat(checkLength) })
    },
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]()
      await lock[Symbol.asyncDispose]()
    },
  }
}

async function restore(path: string, now: number): Promise<{ state: JournalState; damaged: boolean }> {
  const requests = new Map<Token, JournaledRequest>()
  const used = new Map<Token, number>()
  const outcome = await readRecords(path, (taken) => {
    const record = taken as JournalRecord
    switch (record.kind) {
      case 'used':
        if (record.until > now) used.set(record.token, record.until)
        return
      case 'registered': {
        const { registration, extras, until } = record
        if (until > now) used.set(registration.token, until)
        if (registration.expiresAt > now) requests.set(registration.token, { registration, extras })
        return
      }
      case 'revoked':
        requests.delete(record.token)
        return
      case 'complete': {
        const request = requests.get(record.token)
        if (request !== undefined) requests.set(record.token, { ...request, outcome: record.outcome })
        return
      }
      case 'check':
        return
    }
  })
  if (outcome !== 'damaged') return { state: { requests, used }, damaged: false }
  // a revocation might be what is missing: nothing of it is believed
  await rename(path, freeName(`${path}.damaged`))
  return { state: { requests: new Map(), used: new Map() }, damaged: true }
}

function* encodeAll(requests: Iterable<JournaledRequest>, used: Iterable<readonly [Token, number]>): Iterable<string> {
  const encode = (record: JournalRecord) => JSON.stringify(record)
  for (const [token, until] of used) yield encode({ kind: 'used', token, until })
  for (const { registration, extras, outcome } of requests) {
    yield encode({ kind: 'registered', registration, extras, until: 0 })
    if (outcome !== undefined) yield encode({ kind: 'complete', token: registration.token, outcome })
  }
}

function freeName(base: string): string {
  for (let count = 1; ; count++) {
    const name = `${base}-${count}`
    if (!existsSync(name)) return name
  }
}
