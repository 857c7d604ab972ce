/** Values of a plan that is followed with parts of its input unknown. What is known is a plain Rego value. */
import {
  compareValues,
  equalValues,
  isArray,
  isNumber,
  isObject,
  isSet,
  objectOf,
  setOf,
  type TypeName,
  type Value,
} from '../value.ts'
import { printValue } from '../value-text.ts'
import { PlanUnsupported } from './ir.ts'

/** What all of can lie within a value that is not known: the record 1, the facts 2. */
export type Holds = number
export const holdsRecord: Holds = 1
export const holdsFacts: Holds = 2
/** Some value; with `maybe`, or none. */
export type Unknown = {
  readonly kind: 'unknown'
  readonly maybe: boolean
  readonly holds: Holds
  readonly type?: TypeName
}
/** A part of the record, or of the facts, that the path leads to. An empty path is the whole: an object that is always there. */
export type Source = { readonly kind: 'source'; readonly of: 'record' | 'facts'; readonly path: readonly string[] }
/** The input: some members known, `record` and `facts` not. */
export type Input = {
  readonly kind: 'input'
  readonly members: ReadonlyMap<string, Value | Watched>
  readonly sources: ReadonlySet<string>
}
/** A known member of the input that tells when its value counts: a member of it that is asked for, or (undefined) all of it. */
export type Watched = {
  readonly kind: 'watched'
  readonly value: Value
  readonly onLook: (member: string | undefined) => void
}
/** A collection under construction. */
export type CellReference = { readonly kind: 'cell'; readonly id: number }
/** Undefined is Rego's undefined. */
export type Abstract = Value | undefined | Unknown | Source | Input | Watched | CellReference

export type Cell =
  | { readonly kind: 'array'; readonly items: Abstract[] }
  | { readonly kind: 'set'; readonly items: Value[] }
  /** By the printed key. */
  | { readonly kind: 'object'; readonly entries: Map<string, [key: Value, value: Abstract]> }
  /** Its contents are not known. */
  | { readonly kind: 'lost'; readonly type: 'array' | 'set' | 'object'; readonly holds: Holds }

/** What a function knows at one point: its locals and the collections that it builds. */
export type State = { readonly locals: Abstract[]; readonly cells: Map<number, Cell>; result: Abstract }

export const unknown: Unknown = { kind: 'unknown', maybe: false, holds: 0 }
export const perhaps: Unknown = { kind: 'unknown', maybe: true, holds: 0 }

const abstractKinds = ['unknown', 'source', 'input', 'watched', 'cell']

export function isKnown(value: Abstract): value is Value {
  if (value === undefined) return false
  if (value === null || typeof value !== 'object' || isArray(value as Value)) return true
  return !abstractKinds.includes((value as Unknown).kind)
}

type Known = Value | undefined
type NotKnown = Exclude<Abstract, Known>

export function kindOf(value: Abstract): 'known' | 'undefined' | NotKnown['kind'] {
  if (value === undefined) return 'undefined'
  return isKnown(value) ? 'known' : (value as NotKnown).kind
}

/** All of a watched value, now that it counts; any other is itself. */
export function looked(value: Abstract): Abstract {
  if (kindOf(value) !== 'watched') return value
  const { value: given, onLook } = value as Watched
  onLook(undefined)
  return given
}

/** Whether the value is certainly, possibly or certainly not there. */
export function presence(value: Abstract): 'yes' | 'maybe' | 'no' {
  if (value === undefined) return 'no'
  if (isKnown(value)) return 'yes'
  const other = value as NotKnown
  if (other.kind === 'unknown') return other.maybe ? 'maybe' : 'yes'
  return other.kind === 'source' && other.path.length > 0 ? 'maybe' : 'yes'
}

export function copyState(state: State): State {
  const cells = new Map<number, Cell>()
  for (const [id, cell] of state.cells) cells.set(id, copyCell(cell))
  return { locals: state.locals.slice(), cells, result: state.result }
}

function copyCell(cell: Cell): Cell {
  switch (cell.kind) {
    case 'array':
      return { kind: 'array', items: cell.items.slice() }
    case 'set':
      return { kind: 'set', items: cell.items.slice() }
    case 'object':
      return {
        kind: 'object',
        entries: new Map([...cell.entries].map(([name, [key, value]]) => [name, [key, value]])),
      }
    case 'lost':
      return cell
  }
}

/** What is known whichever of two ways was taken; may change and return `a`. */
export function joinStates(a: State | undefined, b: State | undefined): State | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b
  const join = (left: Abstract, right: Abstract): Abstract =>
    same(left, right) ? left : either(left, right, holdsOf(a, left) | holdsOf(b, right))
  const length = Math.max(a.locals.length, b.locals.length)
  const locals = Array.from({ length }, (_, index) => join(a.locals[index], b.locals[index]))
  const result = join(a.result, b.result)
  for (const [id, cell] of b.cells) {
    const own = a.cells.get(id)
    if (own === undefined || sameCell(own, cell)) a.cells.set(id, cell)
    else a.cells.set(id, { kind: 'lost', type: typeOf(own), holds: holdsOfCell(a, own) | holdsOfCell(b, cell) })
  }
  for (const [index, local] of locals.entries()) a.locals[index] = local
  a.result = result
  return a
}

/** One of two values that differ, it is not known which. */
export function either(a: Abstract, b: Abstract, holds: Holds): Unknown {
  return { kind: 'unknown', maybe: presence(a) !== 'yes' || presence(b) !== 'yes', holds }
}

export function holdsOf(state: State, value: Abstract): Holds {
  switch (kindOf(value)) {
    case 'input':
      return holdsRecord | holdsFacts
    case 'source': {
      const { of, path } = value as Source
      if (of === 'facts') return path.length < 2 ? holdsFacts : 0
      return path.length === 0 ? holdsRecord : 0
    }
    case 'unknown':
      return (value as Unknown).holds
    case 'cell': {
      const cell = state.cells.get((value as CellReference).id)
      return cell === undefined ? 0 : holdsOfCell(state, cell)
    }
    default:
      return 0
  }
}

export function holdsOfCell(state: State, cell: Cell): Holds {
  switch (cell.kind) {
    case 'lost':
      return cell.holds
    case 'set':
      return 0
    case 'array':
      return cell.items.reduce((holds: Holds, item) => holds | holdsOf(state, item), 0)
    case 'object':
      return [...cell.entries.values()].reduce((holds, [, item]) => holds | holdsOf(state, item), 0)
  }
}

export function same(a: Abstract, b: Abstract): boolean {
  if (a === b) return true
  if (kindOf(a) === 'watched' || kindOf(b) === 'watched') return same(looked(a), looked(b))
  if (isKnown(a)) return isKnown(b) && equalValues(a, b)
  if (a === undefined || b === undefined || isKnown(b)) return false
  const left = a as NotKnown
  const right = b as NotKnown
  if (left.kind === 'unknown')
    return (
      right.kind === 'unknown' && left.maybe === right.maybe && left.type === right.type && left.holds === right.holds
    )
  if (left.kind === 'cell') return right.kind === 'cell' && left.id === right.id
  if (left.kind === 'source')
    return right.kind === 'source' && left.of === right.of && left.path.join('\0') === right.path.join('\0')
  return false
}

/** Of a state and what joining it with another made of it: whether joining told nothing new. A cell that joining changed is lost. */
export function sameStates(before: State, after: State): boolean {
  if (before.locals.length > after.locals.length) return false
  for (let index = 0; index < after.locals.length; index++)
    if (!same(before.locals[index], after.locals[index])) return false
  // cells that are new can be reached by locals only, which are the same
  for (const [id, cell] of before.cells) {
    const other = after.cells.get(id)
    if (other?.kind !== cell.kind || (other.kind === 'lost' && !sameCell(other, cell))) return false
  }
  return true
}

function sameCell(a: Cell, b: Cell): boolean {
  if (a.kind === 'array' && b.kind === 'array') return sameLists(a.items, b.items)
  if (a.kind === 'set' && b.kind === 'set') return sameLists(a.items, b.items)
  if (a.kind === 'lost' && b.kind === 'lost') return a.type === b.type && a.holds === b.holds
  if (a.kind !== 'object' || b.kind !== 'object' || a.entries.size !== b.entries.size) return false
  for (const [name, [, value]] of a.entries) {
    const other = b.entries.get(name)
    if (other === undefined || !same(value, other[1])) return false
  }
  return true
}

function sameLists(a: readonly Abstract[], b: readonly Abstract[]): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index]))
}

export function typeOf(cell: Cell): 'array' | 'set' | 'object' {
  return cell.kind === 'lost' ? cell.type : cell.kind
}

/** The keys and values that a scan of a known value goes through, in OPA's order. */
export function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (isArray(value)) return value.map((item, index) => [index, item] as const)
  if (isObject(value)) return value.entries
  if (isSet(value)) return value.items.map((item) => [item, item] as const)
  return []
}

/** As WASM's `opa_value_merge`: members of `a` win, objects are merged. */
export function merge(a: Value, b: Value): Value {
  if (!isObject(a) || !isObject(b)) return a
  const entries = new Map<string, readonly [Value, Value]>()
  for (const [key, value] of b.entries) entries.set(keyText(key), [key, value])
  for (const [key, value] of a.entries) {
    const other = entries.get(keyText(key))
    entries.set(keyText(key), [key, other === undefined ? value : merge(value, other[1])])
  }
  return objectOf([...entries.values()])
}

export function upsert(target: Value | undefined, path: readonly string[], value: Value): Value {
  const [key, ...rest] = path
  if (key === undefined) return value
  const entries = target !== undefined && isObject(target) ? target.entries : []
  const old = entries.find(([name]) => name === key)?.[1]
  return objectOf([...entries.filter(([name]) => name !== key), [key, upsert(old, rest, value)]])
}

/** What a construction of a set has come to. */
/** A key's text; equal keys have the same. @throws PlanUnsupported for numbers that can be written in several ways */
export function keyText(key: Value): string {
  if (hasDecimal(key)) throw new PlanUnsupported('a key with a number that JavaScript does not have')
  return printValue(key)
}

function hasDecimal(value: Value): boolean {
  if (isArray(value)) return value.some(hasDecimal)
  if (isSet(value)) return value.items.some(hasDecimal)
  if (isObject(value)) return value.entries.some(([key, item]) => hasDecimal(key) || hasDecimal(item))
  return isNumber(value) && typeof value === 'object'
}

export function finished(cell: Cell & { kind: 'set' }): Value {
  return setOf([...cell.items].sort(compareValues))
}
