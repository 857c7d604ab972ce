/** A real server as a child process that a test may kill, freeze and start again, and that never outlives the test process, however that ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type ServerProcessOptions = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Removed if this process dies without stopping the server. */
  readonly folder: string
  /** Asked again and again until it answers true; a throw counts as "not yet". */
  readonly isReady: () => Promise<boolean>
  readonly readyTimeoutMs: number
}

export type ServerProcess = {
  readonly pid: number | undefined
  /** Resolves when the server is ready. @throws with the end of its output if it ends first or takes too long */
  start(): Promise<void>
  /** kill -9; resolves when the process is gone. Nothing to do if it is. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void
  resume(): void
}

const OUTPUT_KEPT_CHARS = 4_000
const READY_POLL_MS = 40

export function createServerProcess(options: ServerProcessOptions): ServerProcess {
  let child: ChildProcess | undefined
  let gone: Promise<void> = Promise.resolve()
  let output = ''

  async function start(): Promise<void> {
    if (child) throw new Error(`${options.name} is running already`)
    output = ''
    // Its own process group: Ctrl-C in a terminal must not stop it before its clients.
    const started = spawn(options.command, [...options.args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    child = started
    for (const stream of [started.stdout, started.stderr]) void keepOutput(stream)
    const reaper = started.pid === undefined ? undefined : startReaper(started.pid, options.folder)
    gone = new Promise((resolve) => {
      const end = () => {
        if (child === started) child = undefined
        reaper?.dismiss()
        resolve()
      }
      started.once('exit', end)
      started.once('error', (error) => {
        output += error.message
        end()
      })
    })
    await becomeReady(started)
  }

  async function becomeReady(started: ChildProcess): Promise<void> {
    const deadline = performance.now() + options.readyTimeoutMs
    while (child === started && performance.now() < deadline) {
      if (await options.isReady().catch(() => false)) return
      await delay(READY_POLL_MS)
    }
    const why = child === started ? `was not ready after ${options.readyTimeoutMs} ms` : 'ended while starting'
    await kill()
    throw new Error(`${options.name} ${why}:\n${output}`)
  }

  async function kill(): Promise<void> {
    child?.kill('SIGKILL')
    await gone
  }

  async function keepOutput(stream: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of stream) output = (output + chunk.toString()).slice(-OUTPUT_KEPT_CHARS)
  }

  return {
    get pid() {
      return child?.pid
    },
    start,
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
}

/** A shell that waits for a line: when its input ends without one, this process has died, and the server must not outlive it. */
function startReaper(pid: number, folder: string): { dismiss(): void } {
  const script = 'read -r _ || { kill -9 "$1" 2>/dev/null; sleep 1; rm -rf -- "$2"; }'
  const reaper = spawn('/bin/sh', ['-c', script, 'reaper', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  reaper.unref()
  const input = reaper.stdin as Socket
  // The reaper may be gone already when the dismissal is written; that is no fault.
  input.on('error', () => undefined)
  input.unref()
  return { dismiss: () => void input.end('done\n') }
}

/** Starts with new ports each time until one attempt is not beaten to its port by another process. */
export async function retryStart<T>(attempt: () => Promise<T>, attemptsMax = 3): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      const portTaken = error instanceof Error && /address already in use|BindException/i.test(error.message)
      if (!portTaken || attempts === attemptsMax) throw error
    }
  }
}
