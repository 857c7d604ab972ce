/** The attachments: which rules apply below which resource, in the layer that the folder names, below the prefixes that the organisation gave. */

import type { ResourceId } from '../../domain/ids.ts'
import { covers, parseResourceId } from '../../domain/resource-id.ts'
import type { PolicyFinding, PolicyFindingCode } from '../finding.ts'
import type { Source } from '../sources.ts'
import type { CheckedRule } from './check-rule.ts'
import { parsePositioned } from './positioned-json.ts'

const lists = ['user', 'resource_rules', 'record_rules'] as const
const prefixesPath = 'attachments/prefixes/data.json'
const name = '[A-Za-z0-9][A-Za-z0-9._-]*'

type Path = readonly (string | number)[]
type Say = (code: PolicyFindingCode, path: Path, message: string) => void
export type Prefixes = ReadonlyMap<string, readonly ResourceId[]>

/** `organisation`, `domain:hr`, `product:hr/employees`; undefined where no layer can lie. */
export function layerOf(path: string): string | undefined {
  if (path === 'attachments/organisation/data.json') return 'organisation'
  const domain = new RegExp(`^attachments/domain/(${name})/data\\.json$`).exec(path)
  if (domain !== null) return `domain:${domain[1]}`
  const product = new RegExp(`^attachments/product/(${name}(?:/${name})?)/data\\.json$`).exec(path)
  return product === null ? undefined : `product:${product[1]}`
}

export function checkAttachments(
  sources: readonly Source[],
  rules: ReadonlyMap<string, CheckedRule>,
): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const prefixes = new Map<string, readonly ResourceId[]>()
  const attached = new Set<string>()
  const given = sources.find(({ path }) => path === prefixesPath)
  if (given !== undefined) within(given, (value, say) => readPrefixes(value, prefixes, say))
  for (const source of sources) {
    if (source === given || !source.path.startsWith('attachments/')) continue
    const layer = layerOf(source.path)
    if (layer === undefined)
      findings.push({ code: 'attachment.misplaced', file: source.file, line: 1, message: 'No layer lies here.' })
    else
      within(source, (value, say) =>
        checkLayer(value, { layer, rules, attached, prefixes: prefixes.get(layer) ?? [] }, say),
      )
  }
  for (const { id, metadata } of rules.values()) {
    if (attached.has(id)) continue
    const [file, line] = splitPlace(metadata.place)
    findings.push({ code: 'rule.unattached', file, line, message: `${id} is attached nowhere.` })
  }
  return findings

  function within(source: Source, check: (value: unknown, say: Say) => void): void {
    const parsed = parsePositioned(source.bytes.toString('utf8'))
    const { file } = source
    if (!parsed.ok) findings.push({ code: 'attachment.malformed', file, line: parsed.line, message: parsed.message })
    else
      check(parsed.value, (code, path, message) =>
        findings.push({ code, ...(source.placeOf?.(path) ?? { file, line: parsed.lineAt(path) }), message }),
      )
  }
}

function readPrefixes(value: unknown, prefixes: Map<string, readonly ResourceId[]>, say: Say): void {
  if (!isRecord(value)) {
    say('attachment.malformed', [], 'Prefixes are not an object of domain and product.')
    return
  }
  for (const [kind, owners] of Object.entries(value)) {
    if ((kind !== 'domain' && kind !== 'product') || !isRecord(owners)) {
      say('attachment.malformed', [kind], 'Prefixes are given to domain and product, each an object.')
      continue
    }
    for (const [owner, list] of Object.entries(owners)) {
      if (!Array.isArray(list)) say('attachment.malformed', [kind, owner], 'Prefixes are not a list.')
      else
        prefixes.set(
          `${kind}:${owner}`,
          list.flatMap((key: unknown, index) => canonical(key, [kind, owner, index], say) ?? []),
        )
    }
  }
}

function splitPlace(place: string): readonly [string, number] {
  const at = place.lastIndexOf(':')
  return [place.slice(0, at), Number(place.slice(at + 1))]
}

type LayerContext = {
  readonly layer: string
  readonly rules: ReadonlyMap<string, CheckedRule>
  readonly prefixes: readonly ResourceId[]
  /** Filled with the rules that are named. */
  readonly attached: Set<string>
}

function checkLayer(value: unknown, context: LayerContext, say: Say): void {
  if (!Array.isArray(value)) {
    say('attachment.malformed', [], 'Attachments are not a list.')
    return
  }
  for (const [index, attachment] of value.entries()) checkAttachment(attachment, [index], context, say)
}

function checkAttachment(value: unknown, path: Path, context: LayerContext, say: Say): void {
  const { layer, prefixes } = context
  if (!isRecord(value)) {
    say('attachment.malformed', path, 'An attachment is not an object.')
    return
  }
  for (const key of Object.keys(value)) {
    if (key === 'layer' || key === 'domain' || key === 'product' || key === 'organisation')
      say('attachment.layer_in_field', [...path, key], `The field ${key} names a layer.`)
    else if (key !== 'resource' && !isList(key))
      say('attachment.list_unknown', [...path, key], `There is no list ${key}.`)
  }
  const id = canonical(value.resource, [...path, 'resource'], say)
  if (id?.includes('*') === true)
    say('attachment.key_literal', [...path, 'resource'], 'The * is no pattern: this is the one leaf of that name.')
  if (id !== undefined && layer !== 'organisation' && !prefixes.some((prefix) => covers(prefix, id)))
    say('attachment.outside_prefix', [...path, 'resource'], `${layer} may not attach here.`)
  for (const list of lists) {
    const pairs = value[list]
    if (pairs === undefined) continue
    if (!Array.isArray(pairs)) say('attachment.malformed', [...path, list], `${list} is not a list.`)
    else for (const [index, pair] of pairs.entries()) checkPair(pair, list, [...path, list, index], context, say)
  }
  if (lists.every((list) => value[list] === undefined))
    say('attachment.malformed', path, 'An attachment has no list of rules.')
}

function checkPair(pair: unknown, list: string, path: Path, { rules, attached }: LayerContext, say: Say): void {
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((part) => typeof part === 'string')) {
    say('attachment.malformed', path, 'A rule is not named as ["domain", "name"].')
    return
  }
  const rule = rules.get(pair.join('.'))
  if (rule !== undefined) attached.add(rule.id)
  if (rule === undefined) say('attachment.rule_missing', path, `There is no rule ${pair.join('.')}.`)
  else if (list !== 'record_rules' && rule.exports.has('mask'))
    say('attachment.rule_ineffective', path, `${rule.id} exports mask, which ${list} does not carry out.`)
}

function canonical(key: unknown, path: Path, say: Say): ResourceId | undefined {
  if (typeof key !== 'string') {
    say('attachment.malformed', path, 'A resource id is not text.')
    return undefined
  }
  try {
    return parseResourceId(key)
  } catch (error) {
    say('attachment.key_not_canonical', path, (error as Error).message)
    return undefined
  }
}

function isList(key: string): boolean {
  return lists.some((list) => list === key)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
