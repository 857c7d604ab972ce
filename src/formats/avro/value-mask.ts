/** Masks that end at one place in the schema, compiled: which types an action can be carried out on without breaking the schema, and how. */
import type { Mask } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { type Cursor, createWriter, readCount, type Writer, writeAll, writeLong, written } from './bytes.ts'
import { firstDay, firstMoment } from './logical-dates.ts'
import type { AvroType, FixedType, PrimitiveType } from './schema.ts'
import { decimalBytes, readValue, take, toUnscaled, unscaledOf, writeBinary, writeValue } from './value.ts'

/** Carries out one mask on one value; undefined: the value is to be removed. */
export type MaskValue = (mask: Mask, value: Json) => Json | undefined

/** Reads the value at the cursor, to its end, and writes what takes its place. */
export type Rewrite = (cursor: Cursor, writer: Writer) => void

/** Writes nothing and says false where the masked value does not fit the type. */
type RewriteBranch = (cursor: Cursor, writer: Writer) => boolean

/** Moves behind the value at the cursor. */
export type Skip = (cursor: Cursor) => void

/** `masks` lie at one place; where there are several, `*` and a name have met there. @throws mask.not_expressible */
export function compileValueMask(type: AvroType, masks: readonly Mask[], maskValue: MaskValue, skip: Skip): Rewrite {
  const first = masks[0]!
  const blanks = masks.some(({ action }) => action === 'null' || action === 'remove')
  if (blanks) return compileConstant(type, null, skip)
  if (masks.length > 1) return compileConstant(type, null, skip)
  if (first.action === 'constant') return compileConstant(type, first.value, skip)
  return compileBranches(type, first, maskValue, skip)
}

function compileConstant(type: AvroType, value: Json, skip: Skip): Rewrite {
  const writer = createWriter(64)
  if (!writeValue(type, value, writer)) throw new PortcullisError('mask.not_expressible')
  const bytes = Buffer.from(written(writer))
  return (cursor, into) => {
    skip(cursor)
    writeAll(into, bytes)
  }
}

function compileBranches(type: AvroType, mask: Mask, maskValue: MaskValue, skip: Skip): Rewrite {
  if (type.kind !== 'union') {
    const rewrite = compileBranch(type, mask, maskValue)
    if (rewrite === undefined) throw new PortcullisError('mask.not_expressible')
    return (cursor, writer) => {
      if (!rewrite(cursor, writer)) throw new PortcullisError('mask.not_expressible')
    }
  }
  const nullAt = type.branches.findIndex(({ kind }) => kind === 'null')
  const rewrites = type.branches.map((branch) => compileBranch(branch, mask, maskValue))
  if (rewrites.every((rewrite) => rewrite === undefined)) throw new PortcullisError('mask.not_expressible')
  // a value of a type that the action does not know becomes null, so there must be a null
  if (nullAt < 0 && rewrites.includes(undefined)) throw new PortcullisError('mask.not_expressible')
  return (cursor, writer) => {
    const start = cursor.position
    const into = writer.length
    const branch = readCount(cursor)
    const rewrite = rewrites[branch]
    writeLong(writer, branch)
    if (rewrite?.(cursor, writer) === true) return
    if (nullAt < 0) throw new PortcullisError('mask.not_expressible')
    writer.length = into
    writeLong(writer, nullAt)
    cursor.position = start
    skip(cursor)
  }
}

/** Undefined: the action cannot be carried out on this type. */
function compileBranch(type: AvroType, mask: Mask, maskValue: MaskValue): RewriteBranch | undefined {
  switch (mask.action) {
    case 'partial':
    case 'hash':
    case 'truncate':
      // what is left of a uuid is none
      return type.kind === 'string' && type.logical === undefined ? onValue(type, mask, maskValue) : undefined
    case 'date':
      return compileDate(type, mask, maskValue)
    case 'round':
      return compileRound(type, mask, maskValue)
    default:
      return undefined
  }
}

function onValue(type: AvroType, mask: Mask, maskValue: MaskValue): RewriteBranch {
  return (cursor, writer) => {
    const masked = maskValue(mask, readValue(type, cursor))
    return masked !== undefined && writeValue(type, masked, writer)
  }
}

function compileDate(type: AvroType, mask: Mask & { action: 'date' }, maskValue: MaskValue): RewriteBranch | undefined {
  if (type.kind === 'string' && type.logical === undefined) return onValue(type, mask, maskValue)
  if ((type.kind !== 'int' && type.kind !== 'long') || type.logical === undefined) return undefined
  const { logical } = type
  const first = logical === 'date' ? firstDay : firstMoment(logical)
  if (first === undefined) return undefined
  return (cursor, writer) => {
    const value = first(readValue(type, cursor) as number | bigint, mask.to)
    return value !== undefined && writeValue(type, value, writer)
  }
}

function compileRound(
  type: AvroType,
  mask: Mask & { action: 'round' },
  maskValue: MaskValue,
): RewriteBranch | undefined {
  switch (type.kind) {
    case 'int':
    case 'long':
      return type.logical === undefined && Number.isSafeInteger(mask.to) ? onValue(type, mask, maskValue) : undefined
    case 'float':
    case 'double':
      return (cursor, writer) => {
        const value = readValue(type, cursor) as number
        const masked = Number.isFinite(value) ? maskValue(mask, value) : undefined
        return masked !== undefined && writeValue(type, masked, writer)
      }
    case 'bytes':
    case 'fixed':
      return compileRoundDecimal(type, mask, maskValue)
    default:
      return undefined
  }
}

/** Rounded as whole numbers of the last place, which is exact at any size. */
function compileRoundDecimal(
  type: PrimitiveType | FixedType,
  mask: Mask & { action: 'round' },
  maskValue: MaskValue,
): RewriteBranch | undefined {
  const { decimal } = type
  const step = decimal === undefined ? undefined : toUnscaled(mask.to, decimal.scale)
  if (decimal === undefined || step === undefined || step > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  const whole: Mask = { ...mask, to: Number(step) }
  const size = type.kind === 'fixed' ? type.size : undefined
  return (cursor, writer) => {
    const masked = maskValue(whole, unscaledOf(take(cursor, size ?? readCount(cursor))))
    if (typeof masked !== 'number' && typeof masked !== 'bigint') return false
    const bytes = decimalBytes(BigInt(masked), decimal, size)
    if (bytes === undefined) return false
    writeBinary(bytes, size, writer)
    return true
  }
}
