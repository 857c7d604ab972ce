/** Facts of a record, computed on the way over its bytes. */
import { evaluateFactOf } from '../../domain/facts.ts'
import type { Json } from '../../domain/json.ts'
import { isIndex, parsePointer } from '../../domain/json-pointer.ts'
import type { FactSelector, FactValue } from '../../domain/record-policy.ts'
import type { Cursor } from './bytes.ts'
import type { Watch } from './fact-places.ts'
import type { KnownSchema } from './known-schemas.ts'
import type { AvroType } from './schema.ts'
import { readValue } from './value.ts'
import { createWalker, openWalker, type Walker } from './walker.ts'

export type FactReader = {
  readonly walker: Walker
  open(bytes: Buffer): void
  /** To be called before the walk over each record. */
  reset(): void
  /** In the order the facts were given. */
  values(): readonly FactValue[]
}

const ops: readonly FactSelector['op'][] = ['any', 'all', 'exists', 'equals', 'in', 'compare', 'get']

/** Whether the path can be followed: an array has no place in it for the number of one item. */
export function canCompute(root: AvroType, fact: FactSelector): boolean {
  const segments = parsePointer(fact.path)
  return ops.includes(fact.op) && (segments.includes('**') ? !segments.some(isIndex) : !indexesArray(root, segments, 0))
}

function indexesArray(type: AvroType, segments: readonly string[], at: number): boolean {
  const segment = segments[at]
  if (segment === undefined) return false
  switch (type.kind) {
    case 'union':
      return type.branches.some((branch) => indexesArray(branch, segments, at))
    case 'array':
      return isIndex(segment) || (segment === '*' && indexesArray(type.items, segments, at + 1))
    case 'map':
      return indexesArray(type.values, segments, at + 1)
    case 'record':
      return type.fields.some(
        ({ name, type: inner }) => (segment === '*' || segment === name) && indexesArray(inner, segments, at + 1),
      )
    default:
      return false
  }
}

export function createFactReader(schema: Pick<KnownSchema, 'program'>, facts: readonly FactSelector[]): FactReader {
  // rules of one rule set often declare the same fact
  const distinct = new Map<string, { readonly fact: FactSelector; readonly slot: number }>()
  const slots = facts.map((fact) => {
    const text = JSON.stringify([fact.op, fact.path, fact.operator, fact.operand], (_, value: unknown) =>
      typeof value === 'bigint' ? { bigint: String(value) } : value,
    )
    const known = distinct.get(text) ?? { fact, slot: distinct.size }
    distinct.set(text, known)
    return known.slot
  })
  const selectors = [...distinct.values()].map(({ fact }) => fact)
  const texts = selectors.map(textCompared)
  const watches = selectors.map(
    (fact, slot): Watch => ({ segments: parsePointer(fact.path), direct: texts[slot] !== undefined }),
  )
  const program = schema.program(watches)
  const seen = new Int32Array(selectors.length)
  const hits = new Int32Array(selectors.length)
  const got: (Json | undefined)[] = selectors.map(() => undefined)
  const cursor: Cursor = { bytes: Buffer.alloc(0), position: 0, end: 0 }

  function text(slot: number, start: number, end: number): void {
    seen[slot]!++
    const wanted = texts[slot]!
    if (end - start !== wanted.length) return
    const { bytes } = cursor
    for (let index = 0; index < wanted.length; index++) if (bytes[start + index] !== wanted[index]) return
    hits[slot]!++
  }

  function observe(index: number, start: number, end: number): void {
    const { type, slots: observers } = program.observations[index]!
    let value: Json | undefined
    if (isScalarType(type)) {
      cursor.position = start
      cursor.end = end
      value = readValue(type, cursor)
    }
    for (const slot of observers) {
      seen[slot]!++
      got[slot] = value
      if (value !== undefined && evaluateFactOf(selectors[slot]!, [value]) === true) hits[slot]!++
    }
  }

  const walker = createWalker(program, { text, observe, absent: (slot) => seen[slot]!++ })
  return {
    walker,
    open(bytes) {
      cursor.bytes = bytes
      openWalker(walker, bytes)
    },
    reset() {
      seen.fill(0)
      hits.fill(0)
    },
    values: () => slots.map((slot) => factOf(selectors[slot]!, seen[slot]!, hits[slot]!, got[slot])),
  }
}

function textCompared({ op, operand }: FactSelector): Buffer | undefined {
  const direct =
    (op === 'any' || op === 'all' || op === 'equals') && typeof operand === 'string' && operand.isWellFormed()
  return direct ? Buffer.from(operand) : undefined
}

function isScalarType(type: AvroType): boolean {
  return type.kind !== 'record' && type.kind !== 'array' && type.kind !== 'map'
}

function factOf(selector: FactSelector, seen: number, hits: number, got: Json | undefined): FactValue {
  switch (selector.op) {
    case 'get':
      return seen === 1 && got !== undefined ? evaluateFactOf(selector, [got]) : undefined
    case 'exists':
      return seen > 0
    case 'any':
      return hits > 0
    case 'all':
      return seen > 0 && hits === seen
    case 'equals':
    case 'in':
    case 'compare':
      return seen === 1 && hits === 1
  }
}
