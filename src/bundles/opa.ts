/** OPA as a program: found once, run with limits. Only the tool side needs it; serving never does. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'

export type OpaResult = { readonly ok: boolean; readonly stdout: string; readonly stderr: string }

export interface Opa {
  readonly path: string
  readonly version: string
  /** Runs it and gives what it said; a program that can't be run or takes too long throws tool.failed. */
  run(args: readonly string[], options?: { readonly cwd?: string }): Promise<OpaResult>
}

/** One run of OPA, in milliseconds. */
export const opaTimeoutMs = 120_000
/** What one run may print, in bytes. */
export const opaOutputBytesMax = 256 * 1_048_576
/** The first call in a new checkout may build OPA from source. */
const ensureTimeoutMs = 15 * 60_000

export type OpaPlaces = {
  /** `--opa`. */
  readonly explicit?: string | undefined
  /** The environment variable OPA. */
  readonly environment?: string | undefined
  /** Root of a checkout that may hold `tools/ensure`. */
  readonly root: string
}

/** Looked for in this order: explicit, environment, `tools/ensure opa`, PATH. @throws tool.missing, tool.failed */
export async function findOpa(places: OpaPlaces): Promise<Opa> {
  const path = places.explicit ?? places.environment ?? (await ensured(places.root)) ?? 'opa'
  const said = await execute(path, ['version'], {})
  const version = /^Version: (\S+)$/m.exec(said.stdout)?.[1]
  if (!said.ok || version === undefined)
    throw new PortcullisError('tool.missing', {
      message: `${path}: this is not OPA. Name the program with --opa or the environment variable OPA.`,
    })
  return { path, version, run: (args, options = {}) => execute(path, args, options) }
}

async function ensured(root: string): Promise<string | undefined> {
  const script = join(root, 'tools', 'ensure')
  try {
    await access(script, constants.X_OK)
  } catch {
    return undefined
  }
  const { ok, stdout, stderr } = await execute(script, ['opa'], { timeoutMs: ensureTimeoutMs })
  if (!ok) throw new PortcullisError('tool.missing', { message: `tools/ensure opa: ${lastLine(stderr)}` })
  return stdout.trim()
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}

function execute(
  path: string,
  args: readonly string[],
  { cwd, timeoutMs = opaTimeoutMs }: { readonly cwd?: string; readonly timeoutMs?: number },
): Promise<OpaResult> {
  return new Promise((resolve, reject) => {
    execFile(
      path,
      [...args],
      { maxBuffer: opaOutputBytesMax, timeout: timeoutMs, ...(cwd === undefined ? {} : { cwd }) },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout, stderr })
        else if (error.code === 'ENOENT')
          reject(
            new PortcullisError('tool.missing', {
              message: `${path}: no such program. OPA is needed to build policies: name it with --opa or the environment variable OPA.`,
              cause: error,
            }),
          )
        else if (typeof error.code === 'number') resolve({ ok: false, stdout, stderr })
        else
          reject(
            new PortcullisError('tool.failed', { message: `${path}: it was ended or could not be run.`, cause: error }),
          )
      },
    )
  })
}
