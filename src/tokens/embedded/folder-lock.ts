/** One process at a time: a file in a folder that names the process at work in it. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** @returns undefined when another process that still runs has it */
export async function lockFolder(folder: string): Promise<AsyncDisposable | undefined> {
  const path = join(folder, 'lock')
  const mine = await nameOf(process.pid)
  const found = await readFile(path, 'utf8').catch(() => '')
  const pid = Number.parseInt(found, 10)
  if (pid > 0 && pid !== process.pid && isRunning(pid) && found === (await nameOf(pid))) return undefined
  await writeFile(path, mine, { mode: 0o600 })
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** With the time it was started at, where the system tells: ids of processes come again. */
async function nameOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // the second field, a name in brackets, may hold spaces
  const startedAt = status.slice(status.lastIndexOf(')') + 2).split(' ')[19]
  return `${pid} ${startedAt ?? ''}\n`
}
