/** Conditions that hold because something is absent, without a `not`: nothing was collected, or a default was taken. */
import { callOf, constantOf, findNodes, type Term } from './syntax.ts'

type Node = Readonly<Record<string, unknown>>

/** Below `root`: comparisons of what a comprehension collects with nothing, `every` over it, and `object.get` that equals its own default. */
export function conditionsOnAbsence(root: unknown): readonly Node[] {
  return findNodes<Node>(root, (node) => comparesWithNothing(node) || isEveryOfCollected(node))
}

/** An expression has its call in `terms`, a term in `value`. */
function comparesWithNothing(node: Node): boolean {
  const terms = node.type === 'call' ? node.value : node.terms
  const call = Array.isArray(terms) ? callOf(terms as readonly Term[]) : undefined
  const [left, right] = call?.args ?? []
  if (left === undefined || right === undefined) return false
  switch (call?.name) {
    case 'equal':
    case 'eq':
      return isNothing(left, right) || isNothing(right, left) || isOwnDefault(left, right) || isOwnDefault(right, left)
    case 'lt':
      return holdsForNone(left, right, (limit) => limit > 0)
    case 'lte':
      return holdsForNone(left, right, (limit) => limit >= 0)
    case 'gt':
      return holdsForNone(right, left, (limit) => limit > 0)
    case 'gte':
      return holdsForNone(right, left, (limit) => limit >= 0)
    default:
      return false
  }
}

function isNothing(collected: Term, other: Term): boolean {
  if (!isCollected(collected)) return false
  const constant = constantOf(other)?.value
  return constant === 0 || (typeof constant === 'object' && constant !== null && Object.keys(constant).length === 0)
}

function holdsForNone(collected: Term, limit: Term, holds: (limit: number) => boolean): boolean {
  return isCollected(collected) && typeof limit.value === 'number' && holds(limit.value)
}

function isOwnDefault(term: Term, other: Term): boolean {
  const call = term.type === 'call' ? callOf(term.value as readonly Term[]) : undefined
  if (call?.name !== 'object.get') return false
  const [own, given] = [constantOf(call.args[2]), constantOf(other)]
  return own !== undefined && given !== undefined && JSON.stringify(own) === JSON.stringify(given)
}

function isEveryOfCollected({ terms }: Node): boolean {
  if (typeof terms !== 'object' || terms === null || !('domain' in terms)) return false
  return isCollected(terms.domain) || findNodes<Node>(terms.domain, isObjectGet).length > 0
}

function isObjectGet({ type, value }: Node): boolean {
  return type === 'call' && callOf(value as readonly Term[])?.name === 'object.get'
}

function isCollected(term: unknown): boolean {
  return findNodes<Node>(term, ({ type }) => String(type).endsWith('comprehension')).length > 0
}
