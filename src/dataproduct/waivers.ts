/** Waivers as code: who accepts which finding, why, and until when. What they cover stays visible; what is wrong with them is a finding itself. */
import type { Json } from '../domain/json.ts'
import type { Path, ProductDocument } from './document.ts'
import type { Finding, FindingWaiver } from './finding.ts'
import { matchesGlob } from './glob.ts'
import { childOf } from './named-path.ts'
import { ownFinding } from './own-finding.ts'
import type { RuleInfo } from './rule-info.ts'

type Scope = { readonly product?: string; readonly file?: string; readonly path?: Path }

export type Waiver = FindingWaiver & {
  readonly rule: string
  readonly scope: Scope
  readonly document: ProductDocument
  readonly at: Path
}

export type ReadWaivers = { readonly waivers: readonly Waiver[]; readonly findings: readonly Finding[] }

const isoDay = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/u
const textKeys = ['rule', 'reason', 'owner', 'ticket', 'expires']
const scopeKeys = ['product', 'file', 'path']

/** Of documents with `kind: Waivers`. A waiver that is not well formed waives nothing (WVR-03). */
export function readWaivers(documents: readonly ProductDocument[], rules: readonly RuleInfo[]): ReadWaivers {
  const waivers: Waiver[] = []
  const findings: Finding[] = []
  for (const document of documents) {
    const list = childOf(document.value, 'waivers')
    if (!Array.isArray(list)) {
      findings.push(ownFinding('WVR-03', document, ['waivers'], 'There is no list of waivers here.'))
      continue
    }
    list.forEach((item: Json, index) => {
      const at: Path = ['waivers', index]
      const problems = problemsOf(item, rules)
      for (const { key, message } of problems)
        findings.push(ownFinding('WVR-03', document, key === undefined ? at : [...at, key], message))
      if (problems.length === 0) waivers.push(waiverOf(item, document, at))
    })
  }
  return { waivers, findings }
}

/** The findings, those that a waiver covers marked with it, and with them what is to be said of the waivers. */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  context: {
    /** YYYY-MM-DD, in UTC. */
    readonly today: string
    readonly productsOf: (file: string) => ReadonlySet<string>
    /** Whether the check would have found something here: only then an unused waiver says anything. */
    readonly looked: (waiver: Waiver) => boolean
  },
): readonly Finding[] {
  const used = new Set<Waiver>()
  const valid = waivers.filter(({ expires }) => expires >= context.today)
  const marked = findings.map((finding) => {
    if (finding.severity === 'critical') return finding
    const waiver = valid.find((each) => covers(each, finding, context.productsOf))
    if (waiver === undefined) return finding
    used.add(waiver)
    const { reason, owner, ticket, expires, file, line } = waiver
    return { ...finding, waiver: { reason, owner, ...(ticket === undefined ? {} : { ticket }), expires, file, line } }
  })
  const said = waivers.flatMap((waiver) => {
    const { document, at, expires, rule } = waiver
    if (expires < context.today)
      return [ownFinding('WVR-01', document, [...at, 'expires'], `The waiver of ${rule} expired after ${expires}.`)]
    if (used.has(waiver) || !context.looked(waiver)) return []
    return [ownFinding('WVR-02', document, at, `The waiver of ${rule} matches no finding.`)]
  })
  return [...marked, ...said]
}

export function scopeMatches(
  { product, file }: Scope,
  at: string,
  productsOf: (file: string) => ReadonlySet<string>,
): boolean {
  return (product === undefined || productsOf(at).has(product)) && (file === undefined || matchesGlob(file, at))
}

function covers(waiver: Waiver, finding: Finding, productsOf: (file: string) => ReadonlySet<string>): boolean {
  const { rule, scope } = waiver
  if (rule !== finding.rule || !scopeMatches(scope, finding.file, productsOf)) return false
  return (scope.path ?? []).every((segment, index) => {
    const found = finding.path[index]
    return found !== undefined && (segment === '*' || String(segment) === String(found))
  })
}

function waiverOf(item: Json, document: ProductDocument, at: Path): Waiver {
  const text = (key: string) => String(childOf(item, key))
  const scope = childOf(item, 'scope')
  const [product, file, path] = scopeKeys.map((key) => childOf(scope, key))
  return {
    rule: text('rule'),
    reason: text('reason'),
    owner: text('owner'),
    ticket: text('ticket'),
    expires: text('expires'),
    scope: {
      ...(typeof product === 'string' ? { product } : {}),
      ...(typeof file === 'string' ? { file } : {}),
      ...(Array.isArray(path) ? { path: path as Path } : {}),
    },
    document,
    at,
    file: document.file,
    line: document.locate(at).range.line,
  }
}

type WaiverProblem = { readonly key?: string; readonly message: string }

function problemsOf(item: Json, rules: readonly RuleInfo[]): readonly WaiverProblem[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return [{ message: 'A waiver is an object with rule, scope, reason, owner, ticket and expires.' }]
  const problems: WaiverProblem[] = []
  for (const key of Object.keys(item))
    if (key !== 'scope' && !textKeys.includes(key)) problems.push({ key, message: `A waiver has no ${key}.` })
  for (const key of textKeys) {
    const value = childOf(item, key)
    if (typeof value !== 'string' || value.trim() === '')
      problems.push({ key, message: `The waiver needs ${key === 'expires' ? 'a last day' : 'a text'} as ${key}.` })
  }
  const rule = childOf(item, 'rule')
  const known = rules.find(({ id }) => id === rule)
  if (typeof rule === 'string' && rule.trim() !== '' && known === undefined)
    problems.push({ key: 'rule', message: `There is no rule ${rule}.` })
  if (known?.severity === 'critical' || known?.id.startsWith('WVR-'))
    problems.push({ key: 'rule', message: `The rule ${known.id} cannot be waived.` })
  const expires = childOf(item, 'expires')
  if (typeof expires === 'string' && expires.trim() !== '' && !isDay(expires))
    problems.push({ key: 'expires', message: `${expires} is not a day as YYYY-MM-DD.` })
  return [...problems, ...scopeProblems(childOf(item, 'scope'))]
}

function scopeProblems(scope: Json | undefined): readonly WaiverProblem[] {
  const key = 'scope'
  if (typeof scope !== 'object' || scope === null || Array.isArray(scope))
    return [{ key, message: 'The waiver needs a scope with product or file (and path, if it is of one place only).' }]
  const problems: WaiverProblem[] = []
  const { product, file, path } = scope as { readonly [key: string]: Json }
  if (product === undefined && file === undefined)
    problems.push({ key, message: 'The scope names neither a product nor a file.' })
  if ([product, file].some((value) => value !== undefined && (typeof value !== 'string' || value === '')))
    problems.push({ key, message: 'The product and the file of a scope are texts.' })
  if (
    path !== undefined &&
    !(Array.isArray(path) && path.every((segment) => ['string', 'number'].includes(typeof segment)))
  )
    problems.push({
      key,
      message: 'The path of a scope is a list of keys and indexes, as findings have it ("*" is any).',
    })
  for (const name of Object.keys(scope))
    if (!scopeKeys.includes(name)) problems.push({ key, message: `A scope has no ${name}.` })
  return problems
}

function isDay(text: string): boolean {
  return isoDay.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
}
