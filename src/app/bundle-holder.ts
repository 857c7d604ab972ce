/** An active bundle: exchanged whole when its source has another. A bundle that is refused leaves the last good one active, loudly. */
import { setTimeout as delay } from 'node:timers/promises'
import { isSignatures } from '../bundles/signature/file-hashes.ts'
import type { BundleSource, FetchedBundle } from '../bundles/source/bundle-source.ts'
import type { LastGood } from '../bundles/source/last-good.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { BundleStatus } from '../http/metrics.ts'
import { readTarGz } from '../policy/opa-wasm/index.ts'

/** Between two attempts at a source that fails, in milliseconds: doubled each time. */
const retryMs = { first: 500, max: 30_000 } as const

export type HeldStatus = BundleStatus & { readonly source: string }

type Problem = { readonly code: string; readonly message: string }

/** What is made of a bundle. */
type Loaded = Disposable & { readonly revision: string }

export type BundleHolder<Engine extends Loaded> = Disposable & {
  readonly engine: () => Engine
  readonly status: () => HeldStatus
  /** As it was fetched, signature and all. */
  readonly bundle: () => { readonly bytes: Uint8Array; readonly revision: string }
  /** Resolves when another revision than this is active, or when the signal fires. */
  changed(revision: string, signal: AbortSignal): Promise<void>
}

export type BundleHolderDeps<Engine extends Loaded> = {
  readonly source: BundleSource
  /** Where the last good bundle is kept; absent: nowhere. */
  readonly lastGood?: LastGood
  /** Checks the signature, where keys are configured. @throws bundle.unverified */
  readonly verify: (bytes: Uint8Array) => Promise<void>
  readonly load: (bytes: Uint8Array) => Engine
  readonly now: () => number
  readonly onActivated: (revision: string) => void
  readonly onProblem: (thrown: unknown) => void
}

/** @throws PortcullisError bundle.* at the start, where neither the source nor the last good bundle gives one that can be taken */
export async function createBundleHolder<Engine extends Loaded>(
  deps: BundleHolderDeps<Engine>,
): Promise<BundleHolder<Engine>> {
  const stopping = new AbortController()
  const times: { lastRequest?: number; lastSuccessfulDownload?: number; lastSuccessfulActivation?: number } = {}
  const problems: { download?: Problem | undefined; activation?: Problem | undefined } = {}
  let known: string | undefined
  const waiting = new Set<() => void>()

  const fetched = async (): Promise<FetchedBundle | undefined> => {
    times.lastRequest = deps.now()
    const bundle = await deps.source.fetch(known, stopping.signal)
    problems.download = undefined
    if (bundle !== undefined) times.lastSuccessfulDownload = deps.now()
    return bundle
  }
  const loaded = async (bytes: Uint8Array) => {
    await deps.verify(bytes)
    return { engine: deps.load(bytes), bytes }
  }
  /** Said once, however often it is met again. */
  const failed = (of: keyof typeof problems, thrown: unknown) => {
    const { code, message } =
      thrown instanceof PortcullisError
        ? thrown
        : { code: 'internal', message: 'The bundle could not be taken; the log says why.' }
    if (problems[of]?.message !== message) deps.onProblem(thrown)
    problems[of] = { code, message }
  }
  const activated = <Taken extends { readonly engine: Engine }>(taken: Taken): Taken => {
    times.lastSuccessfulActivation = deps.now()
    deps.onActivated(taken.engine.revision)
    return taken
  }

  async function first() {
    try {
      const bundle = (await fetched())!
      const taken = await loaded(bundle.bytes)
      known = bundle.version
      await keep(bundle.bytes)
      return taken
    } catch (thrown) {
      const kept = await deps.lastGood?.load()
      if (kept === undefined) throw thrown
      failed('download', thrown)
      return loaded(kept)
    }
  }

  async function keep(bytes: Uint8Array): Promise<void> {
    // the bundle is good all the same: a full disk must not keep a policy from being enforced
    await deps.lastGood?.keep(bytes).catch(deps.onProblem)
  }

  let active = activated(await first())

  async function follow(): Promise<void> {
    for (let pause = 0; !stopping.signal.aborted; ) {
      try {
        if (pause > 0) await delay(pause, undefined, { signal: stopping.signal, ref: false })
        const bundle = await fetched()
        pause = 0
        if (bundle !== undefined) await take(bundle)
      } catch (thrown) {
        if (stopping.signal.aborted) return
        pause = Math.min(pause === 0 ? retryMs.first : pause * 2, deps.source.retryMsMax ?? retryMs.max)
        failed('download', thrown)
      }
    }
  }

  async function take({ bytes, version }: FetchedBundle): Promise<void> {
    // whether it is taken or not: the same bytes are not looked at twice
    known = version
    try {
      const taken = await loaded(bytes)
      const isNew = taken.engine.revision !== active.engine.revision
      if (!isNew && !haveSameContents(bytes, active.bytes)) throw sameRevision()
      problems.activation = undefined
      await keep(bytes)
      // one that was signed anew is passed on with the signature it has now
      active = isNew ? activated(taken) : { engine: active.engine, bytes }
      if (!isNew) return
      for (const wake of waiting) wake()
    } catch (thrown) {
      failed('activation', thrown)
    }
  }
  follow().catch(deps.onProblem)
  return {
    engine: () => active.engine,
    status: () => ({
      source: deps.source.name,
      activeRevision: active.engine.revision,
      ...times,
      ...(problems.activation ?? problems.download),
    }),
    bundle: () => ({ bytes: active.bytes, revision: active.engine.revision }),
    async changed(revision, signal) {
      if (active.engine.revision !== revision || signal.aborted) return
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    },
    [Symbol.dispose]() {
      stopping.abort()
      active.engine[Symbol.dispose]()
    },
  }
}

/** Whatever their signatures are. */
function haveSameContents(one: Uint8Array, other: Uint8Array): boolean {
  const [files, others] = [one, other].map((bytes) => [...readTarGz(bytes)].filter(([path]) => !isSignatures(path)))
  const byPath = new Map(others)
  return files!.length === byPath.size && files!.every(([path, bytes]) => byPath.get(path)?.equals(bytes) === true)
}

/** Decisions and reads are told apart by their revision, so two policies under one would pass for the same. */
function sameRevision(): PortcullisError {
  return new PortcullisError('bundle.refused', {
    message:
      'The policies were refused: they have the revision of the active bundle but other contents; give them their own, as portcullis bundle build does.',
  })
}
