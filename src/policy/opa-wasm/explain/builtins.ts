/** Built-ins that WASM carries within itself, a second time, for following a plan to its end: those that rules use. Others stay unknown, and the trace says so. */
import type { BuiltinContext } from '../builtins/builtin.ts'
import type { BuiltinLookup } from '../builtins/supplied.ts'
import { perhaps } from '../plan/abstract.ts'
import type { Native } from '../plan/natives.ts'
import type { MoreBuiltins } from '../plan/observer.ts'
import {
  compareValues,
  getKey,
  hasItem,
  isArray,
  isNumber,
  isObject,
  isSet,
  objectOf,
  setOf,
  type Value,
} from '../value.ts'

/** Code points that an ASCII-only function of ours gets right. */
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text)

const ofText =
  (apply: (text: string) => Value | typeof perhaps): Native =>
  ([text]) =>
    typeof text === 'string' ? apply(text) : undefined

const ofTwoTexts =
  (apply: (text: string, other: string) => Value): Native =>
  ([text, other]) =>
    typeof text === 'string' && typeof other === 'string' ? apply(text, other) : undefined

const items = (value: Value | undefined): readonly Value[] | undefined => {
  if (value === undefined) return undefined
  if (isArray(value)) return value
  return isSet(value) ? value.items : undefined
}

const extreme =
  (sign: 1 | -1): Native =>
  ([value]) => {
    const given = items(value)
    if (given === undefined || given.length === 0) return undefined
    return given.reduce((best, item) => (compareValues(item, best) * sign > 0 ? item : best))
  }

function slice([array, start, stop]: readonly Value[]): Value | undefined {
  if (array === undefined || !isArray(array) || typeof start !== 'number' || typeof stop !== 'number') return undefined
  const [from, to] = [Math.max(0, start), Math.min(array.length, stop)]
  return from >= to ? [] : array.slice(from, to)
}

function substring([text, start, length]: readonly Value[]): ReturnType<Native> {
  if (typeof text !== 'string' || typeof start !== 'number' || typeof length !== 'number' || start < 0) return undefined
  const points = [...text]
  return points.slice(start, length < 0 ? undefined : start + length).join('')
}

/** Keys of an array, a set, or an object. */
function keysOf(value: Value | undefined): readonly Value[] | undefined {
  if (value !== undefined && isObject(value)) return value.entries.map(([key]) => key)
  return items(value)
}

const picking =
  (wanted: boolean): Native =>
  ([object, chosen]) => {
    const keys = keysOf(chosen)
    if (object === undefined || !isObject(object) || keys === undefined) return undefined
    return objectOf(object.entries.filter(([key]) => keys.some((other) => compareValues(key, other) === 0) === wanted))
  }

const everyItem =
  (combine: (sets: readonly (readonly Value[])[]) => readonly Value[]): Native =>
  ([sets]) => {
    const given = sets !== undefined && isSet(sets) ? sets.items : undefined
    if (given?.every((item) => isSet(item)) !== true) return undefined
    return setOf(combine(given.map((item) => items(item)!)))
  }

/** Where doubles are exact; beyond, WASM's decimals may come to something else. */
const ofIntegers =
  (apply: (a: number, b: number) => Value | typeof perhaps | undefined): Native =>
  ([a, b]) => {
    if (a === undefined || b === undefined || !isNumber(a) || !isNumber(b)) return undefined
    return isExact(a) && isExact(b) ? apply(a, b) : perhaps
  }

const isExact = (value: Value): value is number => Number.isSafeInteger(value)
/** Without a negative zero. */
const exact = (value: number): Value | typeof perhaps => (isExact(value) ? value + 0 : perhaps)

const ofNumber =
  (apply: (value: number) => number): Native =>
  ([value]) => {
    if (value === undefined || !isNumber(value)) return undefined
    return typeof value === 'number' ? exact(apply(value)) : perhaps
  }

const own: ReadonlyMap<string, Native> = new Map<string, Native>([
  ['split', ofTwoTexts((text, by) => (by === '' ? [...text] : text.split(by)))],
  ['lower', ofText((text) => (isAscii(text) ? text.toLowerCase() : perhaps))],
  ['upper', ofText((text) => (isAscii(text) ? text.toUpperCase() : perhaps))],
  ['trim_space', ofText((text) => (isAscii(text) ? text.trim() : perhaps))],
  ['trim_prefix', ofTwoTexts((text, part) => (text.startsWith(part) ? text.slice(part.length) : text))],
  [
    'trim_suffix',
    ofTwoTexts((text, part) => (part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text)),
  ],
  [
    'replace',
    ([text, old, by]) =>
      typeof text === 'string' && typeof old === 'string' && typeof by === 'string' && old !== ''
        ? text.replaceAll(old, () => by)
        : perhaps,
  ],
  ['substring', substring],
  ['array.slice', slice],
  ['array.reverse', ([array]) => (array !== undefined && isArray(array) ? array.toReversed() : undefined)],
  ['mul', ofIntegers((a, b) => exact(a * b))],
  ['div', ofIntegers((a, b) => (b === 0 ? undefined : a % b === 0 ? exact(a / b) : perhaps))],
  ['rem', ofIntegers((a, b) => (b === 0 ? undefined : exact(a % b)))],
  ['floor', ofNumber(Math.floor)],
  ['ceil', ofNumber(Math.ceil)],
  ['max', extreme(1)],
  ['min', extreme(-1)],
  ['object.filter', picking(true)],
  ['object.remove', picking(false)],
  ['union', everyItem((sets) => sets.flat())],
  [
    'intersection',
    everyItem(([first = [], ...rest]) => first.filter((item) => rest.every((other) => hasItem(setOf(other), item)))),
  ],
  [
    'object.subset',
    ([whole, part]) =>
      whole !== undefined &&
      part !== undefined &&
      isObject(whole) &&
      isObject(part) &&
      !part.entries.some(([, value]) => isObject(value) || isSet(value) || isArray(value))
        ? part.entries.every(([key, value]) => {
            const given = getKey(whole, key)
            return given !== undefined && compareValues(given, value) === 0
          })
        : perhaps,
  ],
])

/** Those above, and the host's. A built-in of the host that fails is undefined here, as in WASM. */
export function createMoreBuiltins(
  host: BuiltinLookup,
  context: BuiltinContext,
  onUnknown: (name: string) => void,
): MoreBuiltins {
  return (name, args) => {
    const native = own.get(name)
    const answer = native === undefined ? perhaps : native(args)
    if (answer !== perhaps) return answer
    const builtin = host.get(name)
    if (builtin === undefined) {
      onUnknown(name)
      return perhaps
    }
    try {
      return builtin(args, context)
    } catch {
      return undefined
    }
  }
}
