/** Where the repository is: found without git, whose modules only a comparison needs. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

/** The folder with `.git` in or above `folder`. */
export function findRepository(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return undefined
  }
}

/** Where a file or folder lies in the repository, links followed, with `/`, and '' for the root itself; undefined outside of it. */
export function placeIn(root: string, path: string): string | undefined {
  const place = relative(realOf(root), realOf(path)).split(sep).join('/')
  return place === '..' || place.startsWith('../') || isAbsolute(place) ? undefined : place
}

/** What is no more has no links to follow. */
function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
