/** Values that an attribute could have: those that rules compare it with, and those that users who are known have. */
import type { Json } from '../../../domain/json.ts'
import { valueAt } from './changes.ts'
import type { FieldUse } from './fields.ts'
import type { Vocabulary } from './flips.ts'

/** Of one field. */
const valuesMax = 50

export function vocabularyOf(rules: ReadonlyMap<string, FieldUse>, users: readonly Json[]): Vocabulary {
  const values = new Map<string, Set<Json>>()
  const of = (field: string): Set<Json> => {
    // what an item is compared with is what its list can hold
    const name = field.replace(/(\[\*\])+$/, '')
    const known = values.get(name) ?? new Set()
    values.set(name, known)
    return known
  }
  for (const { fields, compared } of rules.values()) {
    for (const field of fields) of(field)
    for (const [field, constants] of compared) for (const constant of constants) of(field).add(constant)
  }
  for (const [field, known] of values)
    for (const user of users) {
      const value = valueAt({ user, context: {}, now: 0 }, field)
      for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value])
        if (item !== undefined && typeof item !== 'object') known.add(item)
    }
  return new Map([...values].map(([field, known]) => [field, [...known].slice(0, valuesMax)]))
}
