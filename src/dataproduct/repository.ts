/** Where the repository is: found without git, whose modules only a comparison needs. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder with `.git` in or above `folder`. */
export function findRepository(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return undefined
  }
}
