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

/** Every rule that some attachment names. @throws bundle.refused when an attachment is malformed */
export function attachedRules(attachments: unknown): ReadonlySet<RuleName> {
  const names = new Set<RuleName>()
  visit(attachments, 'attachments')
  return names

  function visit(node: unknown, path: string): void {
    if (Array.isArray(node)) for (const [index, item] of node.entries()) attachment(item, `${path}[${index}]`)
    else if (isRecord(node)) for (const [key, child] of Object.entries(node)) visit(child, `${path}.${key}`)
  }

  function attachment(item: unknown, path: string): void {
    if (!isRecord(item) || typeof item.resource !== 'string') return
    for (const list of lists) {
      const pairs = item[list] ?? []
      if (!Array.isArray(pairs)) throw refused(`${path}: ${list}: expected a list of [domain, rule]`)
      for (const pair of pairs as readonly unknown[]) {
        if (!isPair(pair)) throw refused(`${path}: ${list}: expected [domain, rule]`)
        names.add(pair.join('.'))
      }
    }
  }
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string' && part !== '')
}
