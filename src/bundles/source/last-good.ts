/** The last good bundle on disk, for a start while the bundle service is down. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type LastGood = {
  /** undefined: none was kept. */
  load(): Promise<Buffer | undefined>
  /** Whole or not at all. @throws what the disk says */
  keep(bytes: Uint8Array): Promise<void>
}

export function createLastGood(folder: string): LastGood {
  const file = join(folder, 'bundle.tar.gz')
  return {
    load: () => readFile(file).catch(() => undefined),
    async keep(bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const temporary = join(folder, `.bundle.${process.pid}`)
      try {
        await writeFile(temporary, bytes, { mode: 0o600, flush: true })
        await rename(temporary, file)
      } finally {
        await rm(temporary, { force: true })
      }
    },
  }
}
