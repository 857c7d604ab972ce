/** The value of one scalar, and what there is to say of it. */
import type { Problem } from '../syntax.ts'
import { losesDigits, rounded, shown } from '../syntax.ts'
import { notFinite, readOtherwise, wrongTag } from './complaints.ts'
import { coreScalar, olderReading, type Scalar } from './scalars.ts'

export type Remark = Pick<Problem, 'message' | 'remedy' | 'severity'>

export type ScalarValue = { readonly value: Scalar; readonly remarks: readonly Remark[] }

const NONE: readonly Remark[] = []

/** `tag` is the name of a core tag, `!` for "not plain", or undefined without one. */
export function scalarValue(source: string, plain: boolean, tag: string | undefined): ScalarValue {
  if (tag === 'str' || tag === '!' || (tag === undefined && !plain)) return { value: source, remarks: NONE }
  const value = coreScalar(source)
  let remarks: Remark[] | undefined
  if (tag !== undefined && !isOfTag(value, tag))
    (remarks ??= []).push({ ...wrongTag(shown(source), tag), severity: 'error' })
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) (remarks ??= []).push({ ...notFinite(source), severity: 'error' })
    else if (losesDigits(source, value)) (remarks ??= []).push({ ...rounded(source), severity: 'warning' })
  }
  const reading = tag === undefined ? olderReading(source) : undefined
  if (reading !== undefined) (remarks ??= []).push({ ...readOtherwise(source, value, reading), severity: 'warning' })
  return { value, remarks: remarks ?? NONE }
}

function isOfTag(value: Scalar, tag: string): boolean {
  if (tag === 'null') return value === null
  if (tag === 'bool') return typeof value === 'boolean'
  if (tag === 'int') return Number.isInteger(value)
  return tag === 'float' && typeof value === 'number'
}
