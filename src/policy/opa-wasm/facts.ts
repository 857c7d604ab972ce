/** Facts of one read: the declarations of the attached rules with their other sides looked up in the request, and their values as input. */
import { PortcullisError } from '../../domain/errors.ts'
import type { FactDeclaration } from '../../domain/facts.ts'
import { evaluateFact, parseFact } from '../../domain/facts.ts'
import type { Json } from '../../domain/json.ts'
import { parsePointer } from '../../domain/json-pointer.ts'
import type { FactSelector, FactValue } from '../../domain/record-policy.ts'
import { isRecord, refused } from './bundle.ts'
import { printJson } from './json-text.ts'
import { jsonOf } from './plain-json.ts'
import { printValue, valueFromJson } from './value-text.ts'

/** `value` is what a rule's METADATA says below `custom.facts`. @throws bundle.refused */
export function parseFacts(rule: string, value: unknown): readonly FactDeclaration[] {
  if (value === undefined) return []
  if (!isRecord(value)) throw refused(`rule ${rule}: facts: expected an object`)
  return Object.entries(value).map(([name, fact]) => parseFact(`${rule}/${name}`, fact as Json))
}

/** Absent in the request: the operand stays undefined. */
export function resolveFact(declaration: FactDeclaration, request: Json): FactSelector {
  const { reference, literal, ...selector } = declaration
  const operand = reference === undefined ? literal : lookUp(request, reference)
  return operand === undefined ? selector : { ...selector, operand }
}

/** A member of a document by a dotted path such as `user.attributes.department`; own members only. */
function lookUp(document: Json, path: string): Json | undefined {
  let value: unknown = document
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value as Json | undefined
}

/** The top-level field that a fact's path begins in; undefined: any. */
export function topLevelField(fact: FactSelector): string | undefined {
  const [first] = parsePointer(fact.path)
  return first === '*' || first === '**' ? undefined : first
}

/** @throws policy.input_invalid where the record is no strict JSON; fact.unavailable where it is nested too deep */
export function factsOfRecord(facts: readonly FactSelector[], recordJson: Uint8Array): readonly FactValue[] {
  if (facts.length === 0) return []
  const text = Buffer.from(recordJson.buffer, recordJson.byteOffset, recordJson.byteLength).toString('utf8')
  // numbers of few digits are the same either way, and the record was checked
  const record = /\d{16}/.test(text) ? jsonOf(valueFromJson(text)) : parsed(text)
  return facts.map((fact) => evaluateFact(fact, record))
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new PortcullisError('policy.input_invalid')
  }
}

/** Prints `{"hr.visible": {"manages": true}}` from values in the order of the facts; a fact that got nothing is absent. */
export function factsPrinter(facts: readonly FactSelector[]): (values: readonly FactValue[]) => string {
  const rules = new Map<string, { readonly name: string; readonly index: number }[]>()
  for (const [index, { name }] of facts.entries()) {
    const slash = name.lastIndexOf('/')
    const rule = name.slice(0, slash)
    const members = rules.get(rule) ?? []
    members.push({ name: printValue(name.slice(slash + 1)), index })
    rules.set(rule, members)
  }
  return (values) => {
    const printed = [...rules].map(([rule, members]) => {
      const given = members.filter(({ index }) => values[index] !== undefined)
      return `${printValue(rule)}:{${given.map(({ name, index }) => `${name}:${printJson(values[index])}`).join(',')}}`
    })
    return `{${printed.join(',')}}`
  }
}
