/** Facts of a row, from the fields that they look into. */
import { evaluateFact, evaluateFactOf } from '../../domain/facts.ts'
import type { Json } from '../../domain/json.ts'
import { isFactPath, parsePointer } from '../../domain/json-pointer.ts'
import type { FactSelector, FactValue } from '../../domain/record-policy.ts'
import type { FieldReader } from './rows.ts'

const ops: readonly FactSelector['op'][] = ['any', 'all', 'exists', 'equals', 'in', 'compare', 'get']

export function canCompute({ op, path }: FactSelector): boolean {
  return ops.includes(op) && isFactPath(path)
}

/** Undefined: all of them. */
export function fieldsOfFacts(facts: readonly FactSelector[]): ReadonlySet<string> | undefined {
  const names = facts.map(({ path }) => parsePointer(path)[0]!)
  return names.some((name) => name === '*' || name === '**') ? undefined : new Set(names)
}

/** The facts of the next row, in the order in which they were asked for. */
export function createFactReader(
  facts: readonly FactSelector[],
  readers: readonly FieldReader[],
): () => readonly FactValue[] {
  const values: Json[] = readers.map(() => null)
  const places = new Map(readers.map(({ name }, index) => [name, index]))
  const evaluators = facts.map(evaluatorOf)

  function evaluatorOf(fact: FactSelector): () => FactValue {
    const [name, ...below] = parsePointer(fact.path)
    const place = places.get(name!)
    if (below.length === 0 && name !== '*' && name !== '**') {
      if (place === undefined) return () => evaluateFactOf(fact, [])
      return remembering(fact, () => values[place]!)
    }
    const within = place === undefined ? readers.map((_, index) => index) : [place]
    return () => evaluateFact(fact, Object.fromEntries(within.map((index) => [readers[index]!.name, values[index]!])))
  }

  return () => {
    for (let index = 0; index < readers.length; index++) values[index] = readers[index]!.value()
    return evaluators.map((evaluate) => evaluate())
  }
}

/** Values that follow one another are often the same. */
function remembering(fact: FactSelector, current: () => Json): () => FactValue {
  let last: Json | undefined
  let known: FactValue
  return () => {
    const value = current()
    if (value !== last || last === undefined) {
      last = value
      known = evaluateFactOf(fact, [value])
    }
    return known
  }
}
