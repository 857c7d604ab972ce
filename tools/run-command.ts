/** Runs a command to its end, within a time limit, and gives back what it printed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export type CommandOptions = {
  readonly timeoutMs: number
  readonly env?: Readonly<Record<string, string>>
  /** `show`: the output goes straight to ours and none comes back. `keep` (default): it comes back. */
  readonly output?: 'keep' | 'show'
}

export type CommandResult = { readonly ok: boolean; readonly stdout: string; readonly stderr: string }

export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const output = options.output === 'show' ? 'inherit' : 'pipe'
  const child = spawn(command, [...args], {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr, ok] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'close').then(
      ([code]) => code === 0,
      () => false,
    ),
  ])
  const why = child.signalCode ? `\n${command} was ended by ${child.signalCode}` : ''
  return { ok, stdout, stderr: stderr + why }
}
