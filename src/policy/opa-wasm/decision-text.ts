/** Reads what an entrypoint answered. Anything but exactly the agreed shape is policy.result_invalid, which denies. */
import type { Mask, Reason } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { isRecord } from './bundle.ts'
import { jsonOf } from './plain-json.ts'
import type { Rule, RuleName } from './rules.ts'
import { isObject, isSet, type Value } from './value.ts'
import { parseValue } from './value-text.ts'

export type Answer = { readonly allow: boolean; readonly reasons: readonly Reason[] }
export type RecordAnswer = Answer & { readonly masks: readonly Json[] }
export type MaskRules = {
  /** @throws when it is not a mask */
  readonly parse: (json: Json) => Mask
  /** One mask a path, none below another, sorted by path. */
  readonly merge: (masks: readonly Mask[]) => readonly Mask[]
}

/** The one result of an entrypoint; undefined where the result set is empty. @throws policy.result_invalid */
export function resultOf(text: string): Value | undefined {
  const results = parsed(text)
  if (!isSet(results) || results.items.length > 1) throw invalid()
  const [result] = results.items
  if (result === undefined) return undefined
  if (!isObject(result) || result.entries.length !== 1 || result.entries[0]![0] !== 'result') throw invalid()
  return result.entries[0]![1]
}

/** Of access/user and access/resource. @throws policy.result_invalid */
export function answerOf(text: string, rules: ReadonlyMap<RuleName, Rule>): Answer {
  const { allow, reasons, ...rest } = membersOf(text)
  if (Object.keys(rest).length > 0) throw invalid()
  return decided(allow, reasons, rules)
}

/** Of access/record and access/guard. @throws policy.result_invalid */
export function recordAnswerOf(text: string, rules: ReadonlyMap<RuleName, Rule>): RecordAnswer {
  const { allow, reasons, masks, ...rest } = membersOf(text)
  if (Object.keys(rest).length > 0 || !Array.isArray(masks)) throw invalid()
  return { ...decided(allow, reasons, rules), masks }
}

/** Layers as access/attached gives them, in value text for access/guard; undefined where nothing is attached. @throws policy.result_invalid */
export function layersOf(text: string): readonly Layer[] | undefined {
  const result = resultOf(text)
  if (result === undefined) return undefined
  const layers = jsonOf(result)
  if (!Array.isArray(layers) || !layers.every(isLayer)) throw invalid()
  return layers.length === 0 ? undefined : layers
}

export type Layer = { readonly name: string; readonly rules: readonly (readonly [domain: string, rule: string])[] }

function isLayer(value: unknown): value is Layer {
  if (!isRecord(value) || typeof value.name !== 'string' || !Array.isArray(value.rules)) return false
  return value.rules.every(
    (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'),
  )
}

function membersOf(text: string): Readonly<Record<string, Json>> {
  const result = resultOf(text)
  const members = result === undefined ? undefined : jsonOf(result)
  if (!isRecord(members)) throw invalid()
  return members as Readonly<Record<string, Json>>
}

function decided(allow: unknown, reasons: unknown, rules: ReadonlyMap<RuleName, Rule>): Answer {
  if (typeof allow !== 'boolean' || !Array.isArray(reasons)) throw invalid()
  return { allow, reasons: reasons.map((reason: unknown) => reasonOf(reason, rules)) }
}

const reasonKeys = ['code', 'rule', 'title', 'place', 'layer'] as const

/** What the rule's METADATA says is added where the answer names the rule. */
function reasonOf(reason: unknown, rules: ReadonlyMap<RuleName, Rule>): Reason {
  if (typeof reason === 'string') return { code: reason }
  if (!isRecord(reason) || typeof reason.code !== 'string') throw invalid()
  const given: { -readonly [Key in keyof Reason]: Reason[Key] } = { code: reason.code }
  const rule = typeof reason.rule === 'string' ? rules.get(reason.rule) : undefined
  if (rule?.title !== undefined) given.title = rule.title
  if (rule?.place !== undefined) given.place = rule.place
  for (const key of reasonKeys) {
    const value = reason[key]
    if (value === undefined) continue
    if (typeof value !== 'string') throw invalid()
    given[key] = value
  }
  return given
}

function parsed(text: string): Value {
  try {
    return parseValue(text)
  } catch (cause) {
    throw new PortcullisError('policy.result_invalid', { cause })
  }
}

export function invalid(cause?: unknown): PortcullisError {
  return new PortcullisError('policy.result_invalid', cause === undefined ? {} : { cause })
}

// the name that the tests of bundles know it by
export { jsonOf as plain } from './plain-json.ts'
