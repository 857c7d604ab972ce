/** JSON pointers (RFC 6901) below a record: `*` stands for every item of a list; in facts `*` is every child and `**` any depth, none included. */

/** Segments of one path. */
export const pathSegmentsMax = 64

/** At least one segment, none empty, `~` only as `~0` or `~1`. */
const pointer = /^(?:\/(?:[^/~]|~[01])+)+$/u

export function isMaskPath(path: string): boolean {
  return isPath(path) && !parsePointer(path).includes('**')
}

/** One `**` at most, so that the cost of a fact grows with the record and no faster. */
export function isFactPath(path: string): boolean {
  return isPath(path) && path.split('/').filter((segment) => segment === '**').length <= 1
}

function isPath(path: string): boolean {
  return pointer.test(path) && path.isWellFormed() && path.split('/').length - 1 <= pathSegmentsMax
}

/** `/a~1b/0` → `['a/b', '0']`; the empty pointer has no segments. */
export function parsePointer(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function formatPointer(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Whether a segment can be the place of an item in a list. */
export function isIndex(segment: string): boolean {
  return /^(?:0|[1-9][0-9]{0,8})$/.test(segment)
}
