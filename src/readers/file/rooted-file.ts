/** Opens a file below a root and nowhere else: links are not followed, in no part of the path. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../../domain/errors.ts'

export type RootedFile = { readonly handle: FileHandle; readonly stats: Stats }

/** What does not depend on one another is asked for at once. @throws PortcullisError source.not_found, source.forbidden, source.unavailable */
export async function openRooted(root: string, path: string): Promise<RootedFile> {
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0')))
    throw new PortcullisError('source.forbidden')
  try {
    const named = join(root, ...segments)
    const [realRoot, real, before] = await Promise.all([realpath(root), realpath(named), lstat(named)])
    const expected = join(realRoot, ...segments)
    if (real !== expected || !before.isFile()) throw new PortcullisError('source.forbidden')
    // O_NONBLOCK: a pipe that took the file's place must not hang us
    const handle = await open(expected, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const [stats, after] = await Promise.all([handle.stat(), realpath(expected)])
      // the same file that was looked at: nobody exchanged a part of the path meanwhile
      if (!stats.isFile() || stats.ino !== before.ino || stats.dev !== before.dev || after !== expected)
        throw new PortcullisError('source.forbidden')
      return { handle, stats }
    } catch (thrown) {
      await handle.close()
      throw thrown
    }
  } catch (thrown) {
    throw fileError(thrown)
  }
}

export function fileError(thrown: unknown): PortcullisError {
  if (thrown instanceof PortcullisError) return thrown
  const code = (thrown as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return new PortcullisError('source.not_found', { cause: thrown })
  if (code === 'ELOOP' || code === 'EACCES' || code === 'EPERM' || code === 'EISDIR' || code === 'ENAMETOOLONG')
    return new PortcullisError('source.forbidden', { cause: thrown })
  return new PortcullisError('source.unavailable', { cause: thrown })
}
