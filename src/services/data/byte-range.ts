/** Which bytes a range means, of a leaf whose bytes pass untouched. */
import { PortcullisError } from '../../domain/errors.ts'
import type { ByteRange } from '../api.ts'

export type Part = { readonly first: number; readonly last: number; readonly size: number }

/** @throws request.range carrying the `size`, which the caller may know: all of the bytes are theirs */
export function partOf(range: ByteRange, size: number): Part {
  const first = 'suffix' in range ? Math.max(size - range.suffix, 0) : range.first
  const last = 'suffix' in range ? size - 1 : Math.min(range.last ?? size - 1, size - 1)
  if (first > last) throw Object.assign(new PortcullisError('request.range'), { size })
  return { first, last, size }
}
