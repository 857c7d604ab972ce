/** Masking of decoded values, written as plainly as the rules read: what the splicing of bytes is compared with. */
import { createSecretKey } from 'node:crypto'
import type { Mask } from '../../../src/domain/decision.ts'
import type { Json } from '../../../src/domain/json.ts'
import { isIndex, parsePointer } from '../../../src/domain/json-pointer.ts'
import type { HashKeys } from '../../../src/policy/masks/hash-keys.ts'
import { maskValue } from '../../../src/policy/masks/mask-value.ts'
import { decimalScale, jsonOf, type RecordShape, type Shape, symbols, unscaledOf, type Value } from './generated.ts'

type Union = Extract<Shape, { kind: 'union' }>
type Branch = { readonly at: number; readonly value: Value }

export const hashKeys: HashKeys = { current: 'k', keys: new Map([['k', createSecretKey(Buffer.alloc(32, 7))]]) }

/** Keeps the place of an item that is to go, until all masks have found theirs. */
const removed: Value = { items: [] }

export function maskPlainly(shape: RecordShape, record: Value, masks: readonly Mask[]): Value {
  return withoutRemoved(masks.reduce((left, mask) => maskAt(shape, left, parsePointer(mask.path), mask, shape), record))
}

function withoutRemoved(value: Value): Value {
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value
  if ('at' in value) return { at: value.at, value: withoutRemoved(value.value) }
  if ('fields' in value) return { fields: value.fields.map(withoutRemoved) }
  if ('items' in value) return { items: value.items.filter((item) => item !== removed).map(withoutRemoved) }
  const entries = value.entries.filter(([, each]) => each !== removed)
  return { entries: entries.map(([key, each]) => [key, withoutRemoved(each)] as const) }
}

function maskAt(shape: Shape, value: Value, segments: readonly string[], mask: Mask, record: RecordShape): Value {
  if (value === removed) return removed
  const [segment, ...rest] = segments
  if (shape.kind === 'self') return maskAt(record, value, segments, mask, record)
  if (segment === undefined) return apply(shape, value, mask, record)
  const inside = (inner: Shape, each: Value): Value =>
    rest.length === 0 && mask.action === 'remove' ? removed : maskAt(inner, each, rest, mask, record)
  switch (shape.kind) {
    case 'union': {
      const { at, value: inner } = value as Branch
      const branch = shape.branches[at]!
      if (branch.kind === 'null') return value
      if (!canEnter(branch.kind === 'self' ? record : branch, segment)) return nullOf(shape)!
      return { at, value: maskAt(branch, inner, segments, mask, record) }
    }
    case 'record': {
      const { fields } = value as { fields: readonly Value[] }
      return {
        fields: fields.map((each, index) =>
          shape.fields[index]!.name === segment ? maskAt(shape.fields[index]!.shape, each, rest, mask, shape) : each,
        ),
      }
    }
    case 'array': {
      const { items } = value as { items: readonly Value[] }
      return {
        items: items.map((each, index) =>
          segment === '*' || segment === String(index) ? inside(shape.inner, each) : each,
        ),
      }
    }
    case 'map': {
      const { entries } = value as { entries: readonly (readonly [string, Value])[] }
      return {
        entries: entries.map(([key, each]) => [
          key,
          segment === '*' || segment === key ? inside(shape.inner, each) : each,
        ]),
      }
    }
    default:
      throw new Error('no such place')
  }
}

function canEnter(shape: Shape, segment: string): boolean {
  if (shape.kind === 'record') return segment !== '*' || shape.fields.some(({ name }) => name === '*')
  return shape.kind === 'map' || (shape.kind === 'array' && (segment === '*' || isIndex(segment)))
}

function nullOf({ branches }: Union): Branch | undefined {
  const at = branches.findIndex(({ kind }) => kind === 'null')
  return at < 0 ? undefined : { at, value: null }
}

function apply(shape: Shape, value: Value, mask: Mask, record: RecordShape): Value {
  if (mask.action === 'null' || mask.action === 'remove') return shape.kind === 'union' ? nullOf(shape)! : null
  if (mask.action === 'constant') return expressed(fitted(shape, mask.value))
  if (shape.kind !== 'union') return expressed(transform(shape, value, mask, record))
  const { at, value: inner } = value as Branch
  const branch = shape.branches[at]!
  if (branch.kind === 'null') return value
  const masked = transform(branch, inner, mask, record)
  return masked === undefined ? expressed(nullOf(shape)) : { at, value: masked }
}

function expressed<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('cannot be expressed')
  return value
}

/** Undefined: the action knows nothing of this type, or the value cannot be masked. */
function transform(shape: Shape, value: Value, mask: Mask, record: RecordShape): Value | undefined {
  const masked = (): Value | undefined => {
    const json = maskValue(mask, jsonOf(shape, value, record), { hashKeys })
    return json === undefined ? undefined : fitted(shape, json)
  }
  switch (mask.action) {
    case 'partial':
    case 'hash':
    case 'truncate':
      return shape.kind === 'string' ? masked() : undefined
    case 'date':
      if (shape.kind === 'date') return Number(firstMoment(Number(value) * 86_400_000, mask.to)) / 86_400_000
      if (shape.kind === 'moment') return firstMoment(Number(value), mask.to)
      return shape.kind === 'string' ? masked() : undefined
    case 'round':
      if (shape.kind === 'decimal') return roundDecimal(value as Buffer, mask)
      if (shape.kind === 'int' || shape.kind === 'long') return Number.isInteger(mask.to) ? masked() : undefined
      return shape.kind === 'float' || shape.kind === 'double' ? masked() : undefined
    default:
      throw new Error('handled before')
  }
}

function firstMoment(ms: number, to: 'year' | 'month'): bigint {
  const text = new Date(ms).toISOString()
  return BigInt(
    Date.parse(
      to === 'year'
        ? text.replace(/-\d\d-\d\dT.*/, '-01-01T00:00:00.000Z')
        : text.replace(/-\d\dT.*/, '-01T00:00:00.000Z'),
    ),
  )
}

function roundDecimal(value: Buffer, mask: Mask & { action: 'round' }): Buffer {
  const step = BigInt(Math.round(mask.to * 10 ** decimalScale))
  const unscaled = unscaledOf(value)
  const size = unscaled < 0n ? -unscaled : unscaled
  const rounded = ((2n * size + step) / (2n * step)) * step
  return decimalOf(unscaled < 0n ? -rounded : rounded)
}

function decimalOf(unscaled: bigint): Buffer {
  let length = 1
  while (unscaled < -(2n ** BigInt(8 * length - 1)) || unscaled >= 2n ** BigInt(8 * length - 1)) length++
  return Buffer.from(
    Array.from({ length }, (_, index) => Number((unscaled >> BigInt(8 * (length - 1 - index))) & 255n)),
  )
}

/** A JSON value as one of this shape; undefined where it is none. Constants of the tests are scalars. */
function fitted(shape: Shape, json: Json): Value | undefined {
  const isWhole = typeof json === 'bigint' || (typeof json === 'number' && Number.isSafeInteger(json))
  switch (shape.kind) {
    case 'null':
      return json === null ? null : undefined
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined
    case 'int':
    case 'date':
      return isWhole && BigInt(json) >= -(2n ** 31n) && BigInt(json) < 2n ** 31n ? Number(json) : undefined
    case 'long':
    case 'moment':
      return isWhole && BigInt.asIntN(64, BigInt(json)) === BigInt(json) ? BigInt(json) : undefined
    case 'float':
    case 'double': {
      const number = typeof json === 'number' || typeof json === 'bigint' ? Number(json) : Number.NaN
      return Number.isFinite(shape.kind === 'float' ? Math.fround(number) : number) ? number : undefined
    }
    case 'string':
      return typeof json === 'string' ? json : undefined
    case 'fixed':
      return typeof json === 'string' && json.length === shape.size ? fitted({ kind: 'bytes' }, json) : undefined
    case 'bytes':
      if (typeof json !== 'string' || [...json].some((character) => character > '\u00ff')) return undefined
      return Buffer.from(json, 'latin1')
    case 'decimal':
      if (isWhole) return decimalOf(BigInt(json) * 10n ** BigInt(decimalScale))
      return json === 1.5 ? decimalOf(15n * 10n ** BigInt(decimalScale - 1)) : undefined
    case 'enum':
      return typeof json === 'string' && symbols.includes(json) ? symbols.indexOf(json) : undefined
    case 'union':
      for (const [at, branch] of shape.branches.entries()) {
        const value = fitted(branch, json)
        if (value !== undefined) return { at, value }
      }
      return undefined
    default:
      return undefined
  }
}
