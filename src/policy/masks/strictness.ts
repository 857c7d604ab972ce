/** The one order of strictness: remove > null > any other action. All others are incomparable with one another, and with themselves under other parameters. */
import type { Mask } from '../../domain/decision.ts'
import type { Json } from '../../domain/json.ts'

/** The stricter of two at one place, or null there where neither is: the least strict that is at least as strict as both. */
export function stricter(path: string, left: Mask, right: Mask): Mask {
  if (left.action === 'remove' || right.action === 'remove') return { path, action: 'remove' }
  return sameTreatment(left, right) ? { ...left, path } : { path, action: 'null' }
}

export function isAtLeastAsStrict(mask: Mask, than: Mask): boolean {
  if (mask.action === 'remove') return true
  return than.action !== 'remove' && (mask.action === 'null' || sameTreatment(mask, than))
}

/** Same action, same parameters; the paths may differ. */
function sameTreatment(left: Mask, right: Mask): boolean {
  return treatmentOf(left) === treatmentOf(right)
}

function treatmentOf({ path: _, ...treatment }: Mask): string {
  return canonicalText(treatment)
}

function canonicalText(value: Json): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join()}}`
}
