/** Values as JSON text that may go into WASM, whose own parser takes malformed text for "no input". */
import { PortcullisError } from '../../domain/errors.ts'

/** Levels of nesting of an input. WASM overflows its stack far above. */
export const inputDepthMax = 1_000

/**
 * Prints any plain value: null, booleans, finite numbers, bigints, strings, arrays, plain objects (members that are undefined are left out).
 * A lone surrogate becomes U+FFFD, as OPA itself reads it. @throws policy.input_invalid for anything else; policy.limit when nested too deep
 */
export function printJson(value: unknown): string {
  return isOrdinary(value, 0) ? JSON.stringify(value) : print(value, 0)
}

/** Whether `JSON.stringify`, which is several times as fast, prints it the same; what it would leave out or make null is not. */
function isOrdinary(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed()
    case 'number':
      return Number.isFinite(value)
    case 'boolean':
      return true
    case 'object':
      if (value === null) return true
      if (depth >= inputDepthMax || 'toJSON' in value) return false
      return Array.isArray(value) ? isOrdinaryList(value, depth + 1) : isOrdinaryObject(value, depth + 1)
    default:
      return false
  }
}

function isOrdinaryList(list: readonly unknown[], depth: number): boolean {
  for (let index = 0; index < list.length; index++) if (!isOrdinary(list[index], depth)) return false
  return true
}

function isOrdinaryObject(object: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key of Object.keys(object)) {
    const value = (object as Readonly<Record<string, unknown>>)[key]
    if (!key.isWellFormed() || (value !== undefined && !isOrdinary(value, depth))) return false
  }
  return true
}

function print(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.toWellFormed())
    case 'number':
      return Number.isFinite(value) ? String(value) : invalid('a number that is not finite')
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (depth >= inputDepthMax) tooDeep()
      if (value === null) return 'null'
      if (Array.isArray(value)) return printList(value, depth + 1)
      return printObject(value, depth + 1)
    default:
      return invalid(value === undefined ? 'a value that is undefined' : `a ${typeof value}`)
  }
}

function printList(list: readonly unknown[], depth: number): string {
  const items: string[] = []
  for (const item of list) items.push(print(item, depth))
  return `[${items.join(',')}]`
}

function printObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) return invalid('an object that is not plain')
  const members: string[] = []
  const names = new Set<string>()
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue
    const name = key.toWellFormed()
    if (names.has(name)) return invalid('a key twice')
    names.add(name)
    members.push(`${JSON.stringify(name)}:${print(value, depth)}`)
  }
  return `{${members.join(',')}}`
}

export function tooDeep(): never {
  throw new PortcullisError('policy.limit', {
    message: `The input of the policy is nested deeper than the ${inputDepthMax} levels that it may have.`,
  })
}

/** What can be said of an input without quoting it. */
export function invalid(what: string): never {
  throw new PortcullisError('policy.input_invalid', { message: `The input of the policy is not valid JSON: ${what}.` })
}
