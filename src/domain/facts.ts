/**
 * Facts: what a rule declares in its METADATA that it needs to know of a record. `evaluateFact` works on a parsed record; it is what a format's faster way of
 * computing the same from bytes is compared with.
 */
import { PortcullisError } from './errors.ts'
import type { Json } from './json.ts'
import { isFactPath, isIndex, parsePointer } from './json-pointer.ts'
import type { FactSelector, FactValue } from './record-policy.ts'

/** A selector whose other side is still to be looked up in the request, at `reference`, or is given as `literal`. */
export type FactDeclaration = Omit<FactSelector, 'operand'> & { readonly reference?: string; readonly literal?: Json }

/** Levels of a record that a fact may look into. */
export const factDepthMax = 256

const operators = ['<', '<=', '>', '>='] as const

type Form = {
  readonly op: FactSelector['op']
  readonly keys: readonly string[]
  readonly path: string
  readonly other?: string
}

const forms: readonly Form[] = [
  { op: 'get', keys: ['get'], path: 'get' },
  { op: 'exists', keys: ['exists'], path: 'exists' },
  { op: 'any', keys: ['any', 'equals'], path: 'any', other: 'equals' },
  { op: 'all', keys: ['all', 'equals'], path: 'all', other: 'equals' },
  { op: 'equals', keys: ['path', 'equals'], path: 'path', other: 'equals' },
  { op: 'in', keys: ['path', 'in'], path: 'path', other: 'in' },
  { op: 'compare', keys: ['path', 'compare', 'to'], path: 'path', other: 'to' },
]

/**
 * The forms: `{get: path}`, `{exists: path}`, `{any: path, equals: other}`, `{all: path, equals: other}`, `{path, equals: other}`, `{path, in: other}`,
 * `{path, compare: "<", to: other}`. `other` is text that names a member of the request (`user.id`), or `{"value": …}`. @throws bundle.refused
 */
export function parseFact(name: string, declaration: Json): FactDeclaration {
  if (!isObject(declaration)) throw refused(name, 'expected an object')
  const given = Object.keys(declaration)
  const form = forms.find(({ keys }) => given.length === keys.length && keys.every((key) => given.includes(key)))
  if (form === undefined) throw refused(name, 'not one of the known forms')
  const path = declaration[form.path]
  if (typeof path !== 'string' || !isFactPath(path))
    throw refused(name, 'expected a JSON pointer below the record, with one `**` at most')
  const operator = operators.find((known) => known === declaration.compare)
  if (form.op === 'compare' && operator === undefined) throw refused(name, 'compare: expected < <= > or >=')
  return {
    name,
    op: form.op,
    path,
    ...(form.other === undefined ? {} : otherSide(name, declaration[form.other]!)),
    ...(operator === undefined ? {} : { operator }),
  }
}

function otherSide(name: string, other: Json): { readonly reference: string } | { readonly literal: Json } {
  if (typeof other === 'string' && /^(?:user|context|resource)(?:\.[^.]+)+$/.test(other)) return { reference: other }
  if (isObject(other) && Object.keys(other).join() === 'value' && other.value !== undefined) {
    if ([other.value].flat().some((item: Json) => typeof item === 'number' && !isNumeric(item)))
      throw refused(name, 'the other side: a number beyond 2^53, which nothing would be equal to')
    return { literal: other.value }
  }
  throw refused(name, 'the other side: expected a member of user, context or resource, or {"value": …}')
}

/** Absent or mistyped on either side, and a number that is not known exactly, is false. @throws fact.unavailable where the record is nested too deep */
export function evaluateFact(selector: FactSelector, record: Json): FactValue {
  return evaluateFactOf(selector, valuesAt(parsePointer(selector.path), record))
}

/** The same, of the values that the path led to. */
export function evaluateFactOf({ op, operand, operator }: FactSelector, values: readonly Json[]): FactValue {
  const [value] = values
  const one = values.length === 1
  switch (op) {
    case 'get':
      // −0 is 0: what is remembered by its value must not tell them apart
      return one && isKnownScalar(value) ? (value === 0 ? 0 : value) : undefined
    case 'exists':
      return values.length > 0
    case 'any':
      return values.some((each) => isSame(each, operand))
    case 'all':
      return values.length > 0 && values.every((each) => isSame(each, operand))
    case 'equals':
      return one && isSame(value, operand)
    case 'in':
      return one && Array.isArray(operand) && operand.some((item: Json) => isSame(value, item))
    case 'compare':
      return one && compares(value, operator, operand)
  }
}

/** A double at 2^53 and beyond stands for more than one whole number: it is equal to none. */
function isNumeric(value: Json | undefined): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
}

function isKnownScalar(value: Json | undefined): value is null | boolean | number | bigint | string {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || isNumeric(value)
}

/** Scalars of one type that are equal; numbers by value. */
function isSame(left: Json | undefined, right: Json | undefined): boolean {
  if (isNumeric(left) && isNumeric(right)) return !(left < right) && !(left > right)
  return isKnownScalar(left) && left === right
}

function compares(left: Json | undefined, operator: FactSelector['operator'], right: Json | undefined): boolean {
  if (isNumeric(left) && isNumeric(right)) return holds(left < right ? -1 : left > right ? 1 : 0, operator)
  if (typeof left === 'string' && typeof right === 'string') return holds(compareTexts(left, right), operator)
  return false
}

function holds(order: number, operator: FactSelector['operator']): boolean {
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case undefined:
      return false
  }
}

/** By code point, as Rego does; JavaScript's own order is by UTF-16 unit. */
function compareTexts(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function valuesAt(segments: readonly string[], record: Json): readonly Json[] {
  const found: Json[] = []
  visit(record, 0, 0)
  return found

  function visit(value: Json, at: number, depth: number): void {
    if (depth > factDepthMax) throw new PortcullisError('fact.unavailable')
    const segment = segments[at]
    if (segment === undefined) {
      found.push(value)
      return
    }
    const anyDepth = segment === '**'
    if (anyDepth) visit(value, at + 1, depth)
    for (const child of childrenOf(value, segment)) visit(child, anyDepth ? at : at + 1, depth + 1)
  }
}

function childrenOf(value: Json, segment: string): readonly Json[] {
  if (Array.isArray(value)) {
    if (segment === '*' || segment === '**') return value
    return isIndex(segment) && Number(segment) < value.length ? [value[Number(segment)]] : []
  }
  if (!isObject(value)) return []
  if (segment === '*' || segment === '**') return Object.values(value)
  return Object.hasOwn(value, segment) ? [value[segment]!] : []
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(name: string, why: string): PortcullisError {
  return new PortcullisError('bundle.refused', { message: `The policies were refused: fact ${name}: ${why}.` })
}
