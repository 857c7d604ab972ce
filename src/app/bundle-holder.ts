/** The active bundle: loaded at the start, exchanged whole when the file changes. A bundle that is refused leaves the last good one active, loudly. */
import { stat } from 'node:fs/promises'
import type { PolicyEngine } from '../policy/policy-engine.ts'

/** How often the bundle's file is looked at, in milliseconds. */
export const bundleRecheckMs = 500

export type PolicyHolder = Disposable & {
  readonly engine: () => PolicyEngine
  /** What is wrong with the newest bundle, where it could not be activated. */
  readonly problem: () => string | undefined
}

export type PolicyHolderDeps = {
  readonly file: string
  readonly load: (file: string) => Promise<PolicyEngine>
  readonly onActivated: (revision: string) => void
  readonly onRefused: (thrown: unknown) => void
}

/** @throws PortcullisError bundle.missing, bundle.corrupt, bundle.refused at the start */
export async function createPolicyHolder(deps: PolicyHolderDeps): Promise<PolicyHolder> {
  let version = await versionOf(deps.file)
  let active = await deps.load(deps.file)
  let problem: string | undefined
  deps.onActivated(active.revision)

  async function recheck(): Promise<void> {
    const next = await versionOf(deps.file)
    if (next === version) return
    version = next
    try {
      const engine = await deps.load(deps.file)
      problem = undefined
      if (engine.revision === active.revision) return
      active = engine
      deps.onActivated(engine.revision)
    } catch (thrown) {
      problem = thrown instanceof Error ? thrown.message : 'the bundle was refused'
      deps.onRefused(thrown)
    }
  }

  let checking = false
  const timer = setInterval(() => {
    if (checking) return
    checking = true
    recheck().then(
      () => (checking = false),
      (thrown: unknown) => {
        checking = false
        deps.onRefused(thrown)
      },
    )
  }, bundleRecheckMs)
  timer.unref()

  return {
    engine: () => active,
    problem: () => problem,
    [Symbol.dispose]() {
      clearInterval(timer)
      active[Symbol.dispose]()
    },
  }
}

async function versionOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs}:${size}:${ino}`
  } catch {
    return 'absent'
  }
}
