/** The rules of an access bundle: what the manifest tells of each, and which are attached. */
import type { FactDeclaration } from '../../domain/facts.ts'
import { isRecord, refused } from './bundle.ts'
import { parseFacts } from './facts.ts'

/** A rule's name as `<domain>.<rule>`. */
export type RuleName = string

export type Rule = {
  readonly name: RuleName
  readonly title: string | undefined
  readonly code: string | undefined
  /** `file:line` in the bundle. */
  readonly place: string | undefined
  readonly facts: readonly FactDeclaration[]
}

/** @throws bundle.refused naming the rule whose metadata is malformed */
export function parseRules(metadata: Readonly<Record<string, unknown>>): ReadonlyMap<RuleName, Rule> {
  const { rules = {} } = metadata
  if (!isRecord(rules)) throw refused('.manifest: metadata.rules: expected an object')
  return new Map(Object.entries(rules).map(([name, value]) => [name, parseRule(name, value)]))
}

function parseRule(name: RuleName, value: unknown): Rule {
  if (!isRecord(value)) throw refused(`rule ${name}: expected an object`)
  const text = (key: string): string | undefined => {
    const given = value[key]
    if (given === undefined || typeof given === 'string') return given
    throw refused(`rule ${name}: ${key}: expected text`)
  }
  return {
    name,
    title: text('title'),
    code: text('code'),
    place: text('place'),
    facts: parseFacts(name, value.facts),
  }
}

const lists = ['user', 'resource_rules', 'record_rules'] as const

const members: ReadonlySet<string> = new Set(['resource', ...lists])

/** Every rule that some attachment names. @throws bundle.refused where an attachment, or the layer it lies in, can't be read: the policies would deny all that they are asked */
export function attachedRules(attachments: unknown): ReadonlySet<RuleName> {
  const names = new Set<RuleName>()
  for (const [kind, layers] of Object.entries(recordOf(attachments === undefined ? {} : attachments, 'attachments'))) {
    const path = `attachments.${kind}`
    if (kind === 'organisation') layer(layers, path)
    else if (kind === 'domain' || kind === 'product')
      for (const [name, given] of Object.entries(recordOf(layers, path))) {
        // the layer of a product, or all products of a domain
        if (kind === 'product' && isRecord(given))
          for (const [product, own] of Object.entries(given)) layer(own, `${path}.${name}.${product}`)
        else layer(given, `${path}.${name}`)
      }
    else if (kind !== 'prefixes') throw refused(`${path}: no layer lies here, only in organisation, domain and product`)
  }
  return names

  function layer(given: unknown, path: string): void {
    if (!Array.isArray(given)) throw refused(`${path}: expected a list of attachments`)
    for (const [index, item] of given.entries()) attachment(item, `${path}[${index}]`)
  }

  function attachment(given: unknown, path: string): void {
    const item = recordOf(given, path)
    const unknown = Object.keys(item).find((name) => !members.has(name))
    if (unknown !== undefined) throw refused(`${path}: ${unknown} is not known; expected ${[...members].join(', ')}`)
    if (typeof item.resource !== 'string') throw refused(`${path}: resource: expected the id of a resource`)
    for (const list of lists) {
      const pairs = item[list] === undefined ? [] : item[list]
      if (!Array.isArray(pairs)) throw refused(`${path}: ${list}: expected a list of [domain, rule]`)
      for (const pair of pairs as readonly unknown[]) {
        if (!isPair(pair)) throw refused(`${path}: ${list}: expected [domain, rule]`)
        names.add(pair.join('.'))
      }
    }
  }
}

function recordOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw refused(`${path}: expected an object`)
  return value
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string' && part !== '')
}
