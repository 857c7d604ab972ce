/** numbers.range_step, rand.intn, object.subset, graph.reachable_paths. */
import {
  equalValues,
  getKey,
  hasItem,
  isArray,
  isObject,
  isSet,
  type RegoObject,
  type RegoSet,
  setOf,
  type Value,
} from '../value.ts'
import { integer } from '../value-number.ts'
import { type Builtin, type BuiltinContext, BuiltinError } from './builtin.ts'
import { bigIntOperand, intOperand, itemsOperand, objectOperand, operand, stringOperand } from './operands.ts'

export const collectionBuiltins: Readonly<Record<string, Builtin>> = {
  'numbers.range_step': (args) => range(bigIntOperand(args, 1), bigIntOperand(args, 2), bigIntOperand(args, 3)),
  'rand.intn': (args, context) => randomInteger(stringOperand(args, 1), intOperand(args, 2), context),
  'object.subset': (args) => subset(operand(args, 1), operand(args, 2)),
  'graph.reachable_paths': (args) => reachablePaths(objectOperand(args, 1), itemsOperand(args, 2)),
}

/** Items that one call may make. */
const itemsMax = 1_000_000n

function range(from: bigint, to: bigint, step: bigint): readonly Value[] {
  if (step <= 0n) throw new BuiltinError('numbers.range_step: step must be a positive integer')
  const [distance, direction] = from <= to ? [to - from, 1n] : [from - to, -1n]
  if (distance / step >= itemsMax) throw new BuiltinError('too many numbers in range')
  return Array.from({ length: Number(distance / step) + 1 }, (_, index) =>
    integer(from + direction * step * BigInt(index)),
  )
}

/** The same for the same arguments within one evaluation. */
function randomInteger(name: string, limit: bigint, context: BuiltinContext): Value {
  if (limit === 0n) return 0
  const below = limit < 0n ? -limit : limit
  const slot = `rand.intn ${name} ${below}`
  const known = context.memory.get(slot)
  if (typeof known === 'bigint') return integer(known)
  const drawn = BigInt(`0x${Buffer.from(context.random(16)).toString('hex')}`) % below
  context.memory.set(slot, drawn)
  return integer(drawn)
}

function subset(whole: Value, part: Value): boolean {
  if (isObject(whole) && isObject(part)) return objectSubset(whole, part)
  if (isSet(whole) && isSet(part)) return setSubset(whole, part)
  if (isArray(whole) && isArray(part)) return arraySubset(whole, part)
  if (isArray(whole) && isSet(part)) {
    return arrayCovers(whole, part)
  }
  throw new BuiltinError('both arguments object.subset must be of the same type or array and set', 'eval_type_error')
}

/** As OPA counts: every item of the array that is in the set, repeated ones too. */
function arrayCovers(whole: readonly Value[], part: RegoSet): boolean {
  return whole.length > 0 && whole.filter((item) => hasItem(part, item)).length >= part.items.length
}

function objectSubset(whole: RegoObject, part: RegoObject): boolean {
  return part.entries.every(([key, inner]) => {
    const outer = getKey(whole, key)
    if (outer === undefined) return false
    if (equalValues(outer, inner)) return true
    if (isObject(outer) && isObject(inner)) return objectSubset(outer, inner)
    if (isSet(outer) && isSet(inner)) return setSubset(outer, inner)
    return isArray(outer) && isArray(inner) && arraySubset(outer, inner)
  })
}

function setSubset(whole: RegoSet, part: RegoSet): boolean {
  return part.items.every((item) => hasItem(whole, item))
}

/** A run of neighbours, in order. */
function arraySubset(whole: readonly Value[], part: readonly Value[]): boolean {
  for (let start = 0; start + part.length <= whole.length; start++) {
    if (part.every((item, index) => equalValues(item, whole[start + index]!))) return true
  }
  return false
}

function reachablePaths(graph: RegoObject, initial: readonly Value[]): Value {
  const paths: (readonly Value[])[] = []

  function follow(node: Value, path: readonly Value[]): void {
    if (paths.length >= itemsMax) throw new BuiltinError('too many paths')
    const edges = getKey(graph, node)
    if (edges === undefined) {
      paths.push(path)
      return
    }
    const longer = [...path, node]
    const neighbours = vertices(edges)
    if (neighbours.length === 0) paths.push(longer)
    for (const neighbour of neighbours) {
      if (longer.some((seen) => equalValues(seen, neighbour))) paths.push(longer)
      else follow(neighbour, longer)
    }
  }

  for (const node of initial) {
    const edges = getKey(graph, node)
    if (edges === undefined) continue
    const neighbours = vertices(edges)
    if (neighbours.length === 0) paths.push([node])
    for (const neighbour of neighbours) follow(neighbour, [node])
  }

  return setOf(paths)
}

function vertices(edges: Value): readonly Value[] {
  if (isArray(edges)) return edges
  return isSet(edges) ? edges.items : []
}
