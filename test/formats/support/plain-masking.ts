/** The plain twin of masking bytes: parse, walk, change. */
import type { Mask } from '../../../src/domain/decision.ts'
import type { Json } from '../../../src/domain/json.ts'
import { formatPointer, isIndex, parsePointer } from '../../../src/domain/json-pointer.ts'
import { exactNumber } from '../../../src/formats/json-record/json-number.ts'
import { maskValue } from './guarded.ts'

type Tree = Json | undefined

/** `value` as JSON.parse gives it. */
export function maskPlainly(value: Json, masks: readonly Mask[]): Json {
  return [...meetings(masks), ...shiftingLast(masks)].reduce<Json>(
    (record, mask) => masked(record, parsePointer(mask.path), mask) ?? null,
    value,
  )
}

/** What is removed shifts the items behind it: last, from the last item on. */
function shiftingLast(masks: readonly Mask[]): readonly Mask[] {
  const isLast = ({ action }: Mask) => action === 'remove'
  const byItem = (one: Mask, other: Mask) => other.path.localeCompare(one.path, 'en', { numeric: true })
  return [...masks.filter((mask) => !isLast(mask)), ...masks.filter(isLast).sort(byItem)]
}

/** An item that one mask looks into by its number and another by `*` is null, whatever they find there. */
function meetings(masks: readonly Mask[]): readonly Mask[] {
  const paths = masks.map(({ path }) => parsePointer(path))
  const start = (path: readonly string[], length: number) => formatPointer(path.slice(0, length))
  return paths.flatMap((one) =>
    one.flatMap((segment, at): Mask[] => {
      const meets = (other: readonly string[]) => other[at] === '*' && start(other, at) === start(one, at)
      return isIndex(segment) && paths.some(meets) ? [{ path: start(one, at + 1), action: 'null' }] : []
    }),
  )
}

function masked(value: Json, segments: readonly string[], mask: Mask): Tree {
  const [segment, ...below] = segments
  if (segment === undefined) return maskValue(mask, numbersExactly(value))
  if (value === null) return null
  if (Array.isArray(value)) {
    if (segment !== '*' && !isIndex(segment)) return null
    return value.flatMap((item: Json, index) => {
      if (segment !== '*' && Number(segment) !== index) return [item]
      const changed = masked(item, below, mask)
      return changed === undefined ? [] : [changed]
    })
  }
  if (typeof value !== 'object' || segment === '*') return null
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (name !== segment) return [[name, member]]
      const changed = masked(member, below, mask)
      return changed === undefined ? [] : [[name, changed]]
    }),
  )
}

/** JSON.parse has rounded what is large already: only how it looks to a mask matters here. */
function numbersExactly(value: Json): Json {
  return typeof value === 'number' && !Number.isFinite(value)
    ? null
    : typeof value === 'number'
      ? (exactNumber(String(value)) ?? value)
      : value
}
