/** Opens a file below a root and nowhere else: links are not followed, in no part of the path. */
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../../domain/errors.ts'

/** @throws PortcullisError source.not_found, source.forbidden, source.unavailable */
export async function openRooted(root: string, path: string): Promise<FileHandle> {
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0')))
    throw new PortcullisError('source.forbidden')
  try {
    const expected = join(await realpath(root), ...segments)
    if ((await realpath(expected)) !== expected) throw new PortcullisError('source.forbidden')
    const before = await lstat(expected)
    if (!before.isFile()) throw new PortcullisError('source.forbidden')
    // O_NONBLOCK: a pipe that took the file's place must not hang us
    const handle = await open(expected, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const opened = await handle.stat()
      // the same file that was looked at: nobody exchanged a part of the path meanwhile
      if (!opened.isFile() || opened.ino !== before.ino || opened.dev !== before.dev)
        throw new PortcullisError('source.forbidden')
      if ((await realpath(expected)) !== expected) throw new PortcullisError('source.forbidden')
      return handle
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
