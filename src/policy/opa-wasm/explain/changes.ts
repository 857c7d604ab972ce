/** A change of one attribute of a question, and the words for it. */
import type { Json } from '../../../domain/json.ts'
import type { FactSelector } from '../../../domain/record-policy.ts'
import { isRecord } from '../bundle.ts'
import type { Question } from './question.ts'

export type Change =
  | { readonly kind: 'set'; readonly field: string; readonly value: Json }
  /** To a list, which is made where there is none. */
  | { readonly kind: 'add' | 'drop'; readonly field: string; readonly value: Json }
  /** The record being another one, of which the fact is `value`. */
  | {
      readonly kind: 'fact'
      readonly field: string
      readonly value: boolean
      readonly names: readonly string[]
      readonly selector: Omit<FactSelector, 'name'>
    }

export function valueAt(question: Question, field: string): Json | undefined {
  let value: unknown = question
  for (const key of field.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value as Json | undefined
}

export function applyChange(question: Question, change: Change): Question {
  if (change.kind === 'fact')
    return {
      ...question,
      facts: { ...question.facts, ...Object.fromEntries(change.names.map((name) => [name, change.value])) },
    }
  const current = valueAt(question, change.field)
  return replaced(question, change.field.split('.'), nextValue(change, current)) as Question
}

function nextValue({ kind, value }: Exclude<Change, { kind: 'fact' }>, current: Json | undefined): Json {
  const items = Array.isArray(current) ? (current as readonly Json[]) : []
  if (kind === 'set') return value
  return kind === 'add' ? [...items, value] : items.filter((item) => item !== value)
}

function replaced(target: unknown, [key, ...rest]: readonly string[], value: Json): unknown {
  if (key === undefined) return value
  const members = isRecord(target) ? target : {}
  return { ...members, [key]: replaced(Object.hasOwn(members, key) ? members[key] : undefined, rest, value) }
}

export function describeChange(change: Change): string {
  const value = JSON.stringify(change.value)
  switch (change.kind) {
    case 'set':
      return `${change.field} = ${value}`
    case 'add':
      return `${value} in ${change.field}`
    case 'drop':
      return `no ${value} in ${change.field}`
    case 'fact':
      return `a record with ${change.value ? '' : 'no '}${describeFact(change.selector)}`
  }
}

function describeFact({ op, path, operand, operator }: Omit<FactSelector, 'name'>): string {
  const value = JSON.stringify(operand)
  switch (op) {
    case 'exists':
      return path
    case 'in':
      return `${path} in ${value}`
    case 'compare':
      return `${path} ${operator} ${value}`
    default:
      return `${path} equal to ${value}`
  }
}
