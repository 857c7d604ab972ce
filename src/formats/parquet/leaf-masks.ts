/** Masks that make a new value of the old one, for the types of columns that they can be carried out on. */
import type { Mask } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { firstDay, firstMoment } from '../avro/logical-dates.ts'
import { toUnscaled } from '../avro/value.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { leafJsonOf, storedWhole, unscaledAt, unscaledBytes, wholeToBytes } from './leaf-json.ts'
import { int96Bytes, julianDayOf1970, momentText, perSecond, secondsPerDay } from './moments.ts'
import type { Leaf } from './schema.ts'

/** Undefined: the value becomes null. @throws mask.not_expressible where the column cannot hold what comes out */
export type Rewrite = (data: Buffer, start: number, end: number) => Buffer | undefined

type Step = (data: Buffer, start: number, end: number) => Buffer | undefined

/** `nullable`: a value that the action cannot make another of becomes null. @throws mask.not_expressible */
export function compileRewrite(leaf: Leaf, nullable: boolean, mask: Mask, maskValue: MaskValue): Rewrite {
  const step = stepOf(leaf, mask, maskValue)
  if (step === undefined) throw new PortcullisError('mask.not_expressible')
  return (data, start, end) => {
    const masked = step(data, start, end)
    if (masked === undefined && !nullable) throw new PortcullisError('mask.not_expressible')
    return masked
  }
}

function stepOf(leaf: Leaf, mask: Mask, maskValue: MaskValue): Step | undefined {
  switch (mask.action) {
    case 'partial':
    case 'hash':
    case 'truncate':
      return leaf.logical?.kind === 'string' ? onValue(leaf, mask, maskValue) : undefined
    case 'date':
      return dateStep(leaf, mask, maskValue)
    case 'round':
      return roundStep(leaf, mask, maskValue)
    default:
      return undefined
  }
}

function onValue(leaf: Leaf, mask: Mask, maskValue: MaskValue): Step {
  const json = leafJsonOf(leaf)
  return (data, start, end) => {
    const masked = maskValue(mask, json.value(data, start, end))
    return masked === undefined ? undefined : json.bytes(masked)
  }
}

function dateStep(leaf: Leaf, mask: Mask & { action: 'date' }, maskValue: MaskValue): Step | undefined {
  const { type, logical } = leaf
  if (type === 'int96')
    return (data, start) => {
      const day = firstDay(BigInt(data.readInt32LE(start + 8)) - julianDayOf1970, mask.to)
      const text =
        day === undefined ? undefined : momentText(BigInt(day) * secondsPerDay * perSecond.nanos, 'nanos', true)
      return text === undefined ? undefined : int96Bytes(text)
    }
  switch (logical?.kind) {
    case 'string':
      return onValue(leaf, mask, maskValue)
    case 'date':
      return (data, start) => {
        const day = firstDay(data.readInt32LE(start), mask.to)
        return day === undefined ? undefined : wholeToBytes(leaf, day)
      }
    case 'timestamp': {
      const first = firstMoment(`timestamp-${logical.unit}`)!
      return (data, start) => {
        const moment = first(data.readBigInt64LE(start), mask.to)
        return moment === undefined ? undefined : wholeToBytes(leaf, moment)
      }
    }
    default:
      return undefined
  }
}

function roundStep(leaf: Leaf, mask: Mask & { action: 'round' }, maskValue: MaskValue): Step | undefined {
  const { type, logical } = leaf
  if (logical?.kind === 'decimal') {
    const step = toUnscaled(mask.to, logical.scale)
    if (step === undefined || step > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
    // as whole numbers of the last place, which is exact at any size
    const whole: Mask = { ...mask, to: Number(step) }
    return (data, start, end) => {
      const masked = maskValue(whole, unscaledAt(leaf, data, start, end))
      return typeof masked === 'number' || typeof masked === 'bigint'
        ? unscaledBytes(leaf, logical, BigInt(masked))
        : undefined
    }
  }
  if (type === 'float' || type === 'double' || logical?.kind === 'float16') return onValue(leaf, mask, maskValue)
  if ((type !== 'int32' && type !== 'int64') || (logical !== undefined && logical.kind !== 'integer')) return undefined
  if (!Number.isSafeInteger(mask.to)) return undefined
  return (data, start) => {
    const masked = maskValue(mask, storedWhole(leaf, data, start))
    return typeof masked === 'number' || typeof masked === 'bigint' ? wholeToBytes(leaf, masked) : undefined
  }
}
