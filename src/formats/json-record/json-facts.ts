/** Facts of a scanned record: only what a path leads to is made a value. */
import { evaluateFactOf } from '../../domain/facts.ts'
import type { Json } from '../../domain/json.ts'
import { isIndex, parsePointer } from '../../domain/json-pointer.ts'
import type { FactSelector, FactValue } from '../../domain/record-policy.ts'
import { exactNumber } from './json-number.ts'
import { isName, isText, type JsonTape, kindOf, kinds, type Name, nameOf, nextOf } from './json-tape.ts'
import { scalarOf } from './json-values.ts'

export type JsonFact = (tape: JsonTape) => FactValue

type Step =
  | { readonly kind: 'child'; readonly name: Name; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'any-depth' }

export function compileFact(selector: FactSelector): JsonFact {
  const steps = parsePointer(selector.path).map(stepOf)
  const { op, operand } = selector
  if (op === 'exists') return (tape) => some(tape, 0, steps, 0, () => true)
  if (op === 'any' && typeof operand === 'string') {
    const name = nameOf(operand)
    return (tape) => some(tape, 0, steps, 0, (node) => isText(tape, node, name))
  }
  return (tape) => {
    const values: Json[] = []
    some(tape, 0, steps, 0, (node) => {
      const value = scalarOf(tape, node, exactNumber)
      values.push(value === undefined ? incomparable : value)
      return false
    })
    return evaluateFactOf(selector, values)
  }
}

function stepOf(segment: string): Step {
  if (segment === '*') return { kind: 'each' }
  if (segment === '**') return { kind: 'any-depth' }
  return { kind: 'child', name: nameOf(segment), index: isIndex(segment) ? Number(segment) : -1 }
}

/** Whether any node that the steps lead to is found; in the order of the text, for `**` from above. */
function some(
  tape: JsonTape,
  node: number,
  steps: readonly Step[],
  at: number,
  found: (node: number) => boolean,
): boolean {
  const step = steps[at]
  if (step === undefined) return found(node)
  if (step.kind === 'any-depth' && at === steps.length - 2) {
    const last = steps[at + 1]!
    if (last.kind === 'child' && last.index < 0) return someNamed(tape, node, last.name, found)
  }
  const isList = kindOf(tape, node) === kinds.list
  const isObject = kindOf(tape, node) === kinds.object
  if (step.kind === 'any-depth' && some(tape, node, steps, at + 1, found)) return true
  if (!isList && !isObject) return false
  const end = nextOf(tape, node)
  if (step.kind === 'child') {
    let index = 0
    for (let child = node + 1; child < end; index++) {
      const value = isObject ? child + 1 : child
      if (isObject ? isText(tape, child, step.name) : index === step.index)
        return some(tape, value, steps, at + 1, found)
      child = nextOf(tape, value)
    }
    return false
  }
  const next = step.kind === 'each' ? at + 1 : at
  for (let child = node + 1; child < end; ) {
    const value = isObject ? child + 1 : child
    if (some(tape, value, steps, next, found)) return true
    child = nextOf(tape, value)
  }
  return false
}

/** As `**` with one name after it: one pass over all that lies below. */
function someNamed(tape: JsonTape, node: number, name: Name, found: (node: number) => boolean): boolean {
  const end = nextOf(tape, node)
  for (let below = node + 1; below < end; below++)
    if (isName(tape, below) && isText(tape, below, name) && found(below + 1)) return true
  return false
}

/** Stands for what no comparison can hold of: a list, an object, a number that is not known exactly. */
const incomparable: Json = {}
