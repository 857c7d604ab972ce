/** A mask as far as it is constant: a known action, its parameters, a valid pointer. The engine's own parser is stricter nowhere; a test compares the two. */
import { isMaskPath } from '../../domain/json-pointer.ts'
import type { Term } from './syntax.ts'
import { constantOf } from './syntax.ts'

type Parameter = (value: unknown) => boolean

const isCount: Parameter = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
/** Characters of a fill. */
export const fillLengthMax = 32
const isFill: Parameter = (value) => typeof value === 'string' && value.length <= fillLengthMax && value.isWellFormed()
const isKey: Parameter = (value) => typeof value === 'string' && value !== ''
const oneOf =
  (...values: readonly string[]): Parameter =>
  (value) =>
    typeof value === 'string' && values.includes(value)

type Action = {
  readonly needs: Readonly<Record<string, Parameter>>
  readonly may?: Readonly<Record<string, Parameter>>
}

const sides = { keepFirst: isCount, keepLast: isCount, maskFirst: isCount, maskLast: isCount }

export const maskActions: Readonly<Record<string, Action>> = {
  null: { needs: {} },
  remove: { needs: {} },
  constant: { needs: { value: () => true } },
  partial: { needs: { fill: isFill }, may: sides },
  hash: { needs: {}, may: { key: isKey } },
  truncate: { needs: { to: isCount } },
  date: { needs: { to: oneOf('year', 'month') } },
  round: { needs: { to: (value) => typeof value === 'number' && Number.isFinite(value) && value > 0 } },
}

/** What is wrong with it; members that are not constant are left to run time, which refuses the read. */
export function maskProblem(term: Term): string | undefined {
  if (term.type === 'var' || term.type === 'ref') return undefined
  if (term.type !== 'object') return 'A mask is not an object.'
  const members = new Map(
    (term.value as readonly (readonly [Term, Term])[]).map(([key, value]) => [String(key.value), value]),
  )
  const path = members.get('path')
  const action = constantOf(members.get('action'))?.value
  if (path === undefined) return 'A mask has no path.'
  const pointer = constantOf(path)
  if (pointer !== undefined && !(typeof pointer.value === 'string' && isMaskPath(pointer.value)))
    return 'The path of a mask is not a JSON pointer below the record.'
  const known = typeof action === 'string' && Object.hasOwn(maskActions, action) ? maskActions[action] : undefined
  if (known === undefined) return 'The action of a mask is not known.'
  for (const [name, value] of members) {
    if (name === 'path' || name === 'action') continue
    const parameter = known.needs[name] ?? known.may?.[name]
    if (parameter === undefined) return `A mask with action ${String(action)} has no parameter ${name}.`
    const constant = constantOf(value)
    if (constant !== undefined && !parameter(constant.value)) return `The parameter ${name} of a mask is not valid.`
  }
  const missing = Object.keys(known.needs).find((name) => !members.has(name))
  if (missing !== undefined) return `A mask with action ${String(action)} needs the parameter ${missing}.`
  if (action === 'partial' && !Object.keys(sides).some((name) => members.has(name)))
    return `A mask with action partial needs one of ${Object.keys(sides).join(', ')}.`
  return undefined
}
