/** What a decision log may hold of an event: OPA's mask and drop rules, and records' values only where somebody asked for them. */
import type { DecisionEvent } from '../../audit/decision-log.ts'
import type { Json } from '../../domain/json.ts'
import { parsePointer } from '../../domain/json-pointer.ts'

export type RedactDeps = {
  /** Keep `input.record` and `input.facts`. */
  readonly recordValues: boolean
  /** `data.system.log.mask` and `data.system.log.drop` of the event; absent: there are no such rules. @throws policy.* */
  readonly rules?: { mask(event: DecisionEvent): Json | undefined; drop(event: DecisionEvent): Json | undefined }
  /** Told of a rule that can't be evaluated: the event is then written without input and result. */
  readonly onProblem: (thrown: unknown) => void
}

type Change = { readonly op: 'remove' } | { readonly op: 'upsert'; readonly value: Json }

/** Where a rule fails, or asks for something that is no mask, the event goes without input and result. */
export function createRedaction(deps: RedactDeps): (event: DecisionEvent) => DecisionEvent | undefined {
  return (event) => {
    const own = deps.recordValues ? [] : ['/input/record', '/input/facts']
    let changes: readonly (readonly [string, Change])[] = own.map((path) => [path, { op: 'remove' }])
    try {
      if (deps.rules?.drop(event) === true) return undefined
      changes = [...changes, ...masksOf(deps.rules?.mask(event))]
    } catch (thrown) {
      deps.onProblem(thrown)
      changes = ['/input', '/result'].map((path) => [path, { op: 'remove' }] as const)
    }
    return apply(event, changes)
  }
}

/** Pointers alone, or `{op, path, value}`. */
function masksOf(masks: Json | undefined): readonly (readonly [string, Change])[] {
  if (masks === undefined) return []
  if (!Array.isArray(masks)) throw new TypeError('system.log.mask is no set')
  return masks.map((mask: Json) => {
    if (typeof mask === 'string') return [checked(mask), { op: 'remove' }]
    const { op, path, value } = (mask ?? {}) as { op?: unknown; path?: unknown; value?: Json }
    if (typeof path !== 'string') throw new TypeError('a mask has no path')
    if (op === 'remove') return [checked(path), { op }]
    if (op === 'upsert' && value !== undefined) return [checked(path), { op, value }]
    throw new TypeError('a mask has no known op')
  })
}

function checked(path: string): string {
  if (!/^\/(input|result)(\/|$)/.test(path)) throw new TypeError('a mask lies outside of input and result')
  return path
}

function apply(event: DecisionEvent, changes: readonly (readonly [string, Change])[]): DecisionEvent {
  const copy = structuredClone(event) as Record<string, unknown>
  const erased: string[] = []
  const masked: string[] = []
  for (const [path, change] of changes)
    if (changeAt(copy, parsePointer(path), change)) (change.op === 'remove' ? erased : masked).push(path)
  return {
    ...(copy as unknown as DecisionEvent),
    ...(erased.length === 0 ? {} : { erased }),
    ...(masked.length === 0 ? {} : { masked }),
  }
}

/** Whether there was something to change. */
function changeAt(root: Record<string, unknown>, path: readonly string[], change: Change): boolean {
  let parent: unknown = root
  for (const key of path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) return false
    parent = (parent as Record<string, unknown>)[key]
  }
  const last = path.at(-1)!
  if (typeof parent !== 'object' || parent === null) return false
  const holder = parent as Record<string, unknown>
  if (change.op === 'upsert') {
    if (Array.isArray(holder) && !Object.hasOwn(holder, last)) return false
    Object.defineProperty(holder, last, { value: change.value, enumerable: true, configurable: true, writable: true })
    return true
  }
  if (!Object.hasOwn(holder, last)) return false
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete holder[last]
  return true
}
