/** Runs `portcullis audit` as a process of its own. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { repositoryFolder } from '../../support/portcullis-process.ts'

export type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export async function audit(args: readonly string[], input?: Uint8Array): Promise<Run> {
  const program = ['--import', 'tsx', join(repositoryFolder, 'src/cli/main.ts'), 'audit', ...args]
  const child = spawn(process.execPath, program, { cwd: repositoryFolder })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await ended, stdout, stderr }
}

/** Of `--format ndjson`; nothing may be said beside. */
export async function auditRows<Row>(args: readonly string[], log: string): Promise<readonly Row[]> {
  const { stdout, stderr, code } = await audit([...args, log, '--format', 'ndjson'])
  if (code !== 0 || stderr !== '') throw new Error(`exit code ${code}: ${stderr}`)
  return linesOf(stdout).map((line) => JSON.parse(line) as Row)
}

export const linesOf = (output: string) => output.split('\n').filter((line) => line !== '')
