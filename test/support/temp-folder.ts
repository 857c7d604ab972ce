/** A new empty folder that is gone when its owner disposes of it, or at the latest when the process exits. */
import { rmSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type TempFolder = AsyncDisposable & {
  /** Absolute, without links in it. */
  readonly path: string
}

const leftAtExit = new Set<string>()

export async function createTempFolder(name = 'test'): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `portcullis-${name}-`)))
  if (leftAtExit.size === 0) process.once('exit', removeAll)
  leftAtExit.add(path)
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 })
      leftAtExit.delete(path)
      if (leftAtExit.size === 0) process.off('exit', removeAll)
    },
  }
}

function removeAll(): void {
  for (const path of leftAtExit) rmSync(path, { recursive: true, force: true })
}
