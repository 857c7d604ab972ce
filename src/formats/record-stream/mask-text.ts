/** Masks on values that a format can only write as text: a line, a field of a table. */
import type { Mask } from '../../domain/decision.ts'
import type { Json } from '../../domain/json.ts'
import type { MaskVerdict } from '../../domain/record-policy.ts'
import { isJsonNumber, nearestNumber } from '../json-record/json-number.ts'

export type MaskValue = (mask: Mask, value: Json) => Json | undefined

/** A value that is null or removed is an empty text. */
export function maskText(mask: Mask, text: string, maskValue: MaskValue): string {
  // what rounding works on are numbers, which here are texts
  const value = mask.action === 'round' && isJsonNumber(text) ? nearestNumber(text) : text
  const masked = maskValue(mask, value)
  return masked === undefined || masked === null || typeof masked === 'object' ? '' : String(masked)
}

/** Whether text can hold what the mask makes. */
export function isTextMask(mask: Mask): MaskVerdict {
  return mask.action === 'constant' && typeof mask.value === 'object' && mask.value !== null ? 'not_expressible' : 'ok'
}
