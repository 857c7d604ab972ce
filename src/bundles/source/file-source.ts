/** A bundle in a file, looked at again and again; a file that is replaced whole is never seen half. */
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { PortcullisError } from '../../domain/errors.ts'
import type { BundleSource } from './bundle-source.ts'
import { bundleFileBytesMax, tooLarge } from './limits.ts'

/** How often the file is looked at, in milliseconds. */
export const fileRecheckMs = 500

export function createFileSource(file: string): BundleSource {
  return {
    name: file,
    retryMsMax: fileRecheckMs,
    async fetch(known, signal) {
      if (known !== undefined) await delay(fileRecheckMs, undefined, { signal, ref: false })
      const version = await versionOf(file)
      if (version === known) return undefined
      const bytes = await readFile(file, { signal }).catch((cause: unknown) => {
        throw new PortcullisError('bundle.missing', { cause })
      })
      return { bytes, version }
    },
  }
}

async function versionOf(file: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(file).catch((cause: unknown) => {
    throw new PortcullisError('bundle.missing', { cause })
  })
  if (size > bundleFileBytesMax) throw tooLarge()
  return `${mtimeMs}:${size}:${ino}`
}
