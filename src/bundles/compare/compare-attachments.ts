/** Which rules were attached to what, or taken from it, layer by layer. */
import type { PolicyChange } from './compare-bundles.ts'

const lists = { user: 'users who ask for', resource_rules: 'leaves below', record_rules: 'records below' } as const
type List = keyof typeof lists

/** One rule in one place of one layer. */
type Attached = { readonly layer: string; readonly resource: string; readonly list: List; readonly rule: string }

/** `attachments` of the data, before and after; also where a domain or a product may attach at all. */
export function compareAttachments(before: unknown, after: unknown): readonly PolicyChange[] {
  const [older, newer] = [attachedIn(before), attachedIn(after)]
  return [
    ...[...newer].filter(([key]) => !older.has(key)).map(([, attached]) => change('added', attached)),
    ...[...older].filter(([key]) => !newer.has(key)).map(([, attached]) => change('removed', attached)),
    ...comparePrefixes(before, after),
  ]
}

function change(what: 'added' | 'removed', { layer, resource, list, rule }: Attached): PolicyChange {
  const sentence =
    what === 'added'
      ? `Layer ${layer}: rule ${rule} now decides on ${lists[list]} ${resource}.`
      : `Layer ${layer}: rule ${rule} no longer decides on ${lists[list]} ${resource}.`
  return { kind: 'attachment', what, subject: `${layer} ${resource} ${rule}`, sentence }
}

function attachedIn(attachments: unknown): ReadonlyMap<string, Attached> {
  const found = new Map<string, Attached>()
  for (const [layer, items] of layersOf(attachments))
    for (const item of items)
      for (const list of Object.keys(lists) as List[])
        for (const pair of (item[list] ?? []) as readonly (readonly string[])[]) {
          const attached = { layer, resource: String(item.resource), list, rule: pair.join('.') }
          found.set(Object.values(attached).join('\u0000'), attached)
        }
  return found
}

type Item = Readonly<Record<string, unknown>>

function layersOf(attachments: unknown): readonly (readonly [string, readonly Item[]])[] {
  const {
    organisation = [],
    domain = {},
    product = {},
  } = (attachments ?? {}) as {
    organisation?: readonly Item[]
    domain?: Readonly<Record<string, unknown>>
    product?: Readonly<Record<string, unknown>>
  }
  return [['organisation', organisation], ...below('domain', domain), ...below('product', product)] as const
}

/** Products lie below their domains, at whatever depth. */
function below(name: string, node: unknown, path: readonly string[] = []): (readonly [string, readonly Item[]])[] {
  if (Array.isArray(node)) return [[`${name}:${path.join('/')}`, node as readonly Item[]]]
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, child]) => below(name, child, [...path, key]))
}

function comparePrefixes(before: unknown, after: unknown): readonly PolicyChange[] {
  const [older, newer] = [prefixesIn(before), prefixesIn(after)]
  const told = (what: 'added' | 'removed', prefix: string): PolicyChange => {
    const [layer, resource] = prefix.split('\u0000') as [string, string]
    const may = what === 'added' ? 'may now' : 'may no longer'
    return {
      kind: 'attachment',
      what,
      subject: `${layer} ${resource}`,
      sentence: `Layer ${layer} ${may} attach rules below ${resource}.`,
    }
  }
  return [
    ...[...newer].filter((prefix) => !older.has(prefix)).map((prefix) => told('added', prefix)),
    ...[...older].filter((prefix) => !newer.has(prefix)).map((prefix) => told('removed', prefix)),
  ]
}

function prefixesIn(attachments: unknown): ReadonlySet<string> {
  const { prefixes = {} } = (attachments ?? {}) as { prefixes?: Readonly<Record<string, unknown>> }
  return new Set(
    Object.entries(prefixes).flatMap(([kind, node]) => {
      const at = (value: unknown, path: readonly string[]): string[] =>
        Array.isArray(value)
          ? value.map((resource) => `${kind}:${path.join('/')}\u0000${String(resource)}`)
          : typeof value === 'object' && value !== null
            ? Object.entries(value).flatMap(([key, child]) => at(child, [...path, key]))
            : []
      return at(node, [])
    }),
  )
}
