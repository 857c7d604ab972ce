/** One rule package: its place, its METADATA, what it exports, and whether what is missing in the input can hide a denial or a mask. */
import type { PolicyFinding, PolicyFindingCode } from '../finding.ts'
import { conditionsOnAbsence } from './check-absence.ts'
import { bodyProblems, trustedLists } from './check-body.ts'
import { factProblems } from './check-facts.ts'
import { maskProblem } from './check-mask.ts'
import {
  type Annotation,
  type Expr,
  findNodes,
  lineOf,
  type Module,
  nameOf,
  packageOf,
  pathOf,
  type RuleNode,
  type Term,
  varOf,
} from './syntax.ts'

export type ParsedSource = { readonly path: string; readonly file: string; readonly module: Module }

export type RuleFacts = Readonly<Record<string, unknown>>
/** What the manifest says of a rule. */
export type RuleMetadata = {
  readonly title: string
  readonly description: string
  readonly code: string
  /** `file:line` of the package. */
  readonly place: string
  readonly facts?: RuleFacts
}
export type CheckedRule = {
  readonly id: string
  readonly metadata: RuleMetadata
  readonly exports: ReadonlySet<string>
}

const exported = new Set(['permit', 'deny', 'mask'])
const codePattern = /^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*$/

export type Report = (code: PolicyFindingCode, line: number, message: string) => void

export function checkRule(source: ParsedSource): {
  readonly rule: CheckedRule | undefined
  readonly findings: readonly PolicyFinding[]
} {
  const { file, path, module } = source
  const findings: PolicyFinding[] = []
  const report: Report = (code, line, message) => findings.push({ code, file, line, message })
  const rules = module.rules ?? []
  const place = placeOf(path)
  if (place === undefined || packageOf(module) !== `rules.${place.domain}.${place.name}`) {
    report('rule.misplaced', lineOf(module.package), `package ${packageOf(module)} does not belong into ${path}.`)
    return { rule: undefined, findings }
  }
  const id = `${place.domain}.${place.name}`
  const metadata = metadataOf(module, `${file}:${lineOf(module.package)}`, report)
  checkExports(rules, report)
  for (const rule of rules) if (exported.has(nameOf(rule))) checkExported(rule, rules, report)
  checkAbsence(rules, report)
  checkContract(rules, report)
  for (const { line, code, message } of factProblems(id, module, metadata?.facts)) report(code, line, message)
  const exports = new Set(rules.map(nameOf).filter((name) => exported.has(name)))
  return { rule: metadata === undefined ? undefined : { id, metadata, exports }, findings }
}

function placeOf(path: string): { readonly domain: string; readonly name: string } | undefined {
  const match = /^rules\/([a-z][a-z0-9_]*)\/([a-z][a-z0-9_]*)\/\2\.rego$/.exec(path)
  return match === null ? undefined : { domain: match[1]!, name: match[2]! }
}

function metadataOf(module: Module, place: string, report: Report): RuleMetadata | undefined {
  const annotation: Annotation | undefined = module.annotations?.find(({ scope }) => scope === 'package')
  const { title, description, custom = {} } = annotation ?? {}
  const { code, facts } = custom
  const missing = [
    title ? undefined : 'title',
    description ? undefined : 'description',
    typeof code === 'string' && codePattern.test(code) ? undefined : 'custom.code',
  ]
  const names = missing.filter((name) => name !== undefined)
  if (names.length > 0) {
    report('rule.undocumented', lineOf(module.package), `METADATA of the package lacks ${names.join(', ')}.`)
    return undefined
  }
  const given = { title: title!, description: description!.trim(), code: code as string, place }
  return facts === undefined ? given : { ...given, facts: facts as RuleFacts }
}

function checkExports(rules: readonly RuleNode[], report: Report): void {
  for (const rule of rules) {
    const name = nameOf(rule)
    if (exported.has(name)) {
      const { ref, key, value } = rule.head
      if (
        ref.length !== 1 ||
        key === undefined ||
        value !== undefined ||
        rule.default === true ||
        rule.else !== undefined
      )
        report('rule.export_not_set', lineOf(rule.head), `${name} is not a partial set.`)
    } else if (!name.startsWith('_')) report('rule.export_unknown', lineOf(rule.head), `${name} is exported.`)
  }
  if (!rules.some((rule) => exported.has(nameOf(rule))))
    report('rule.export_unknown', 1, 'Nothing is exported, so attaching the rule would deny everything.')
}

function checkExported(rule: RuleNode, rules: readonly RuleNode[], report: Report): void {
  const name = nameOf(rule)
  const values = new Map<string, readonly Term[] | undefined>()
  if (name !== 'permit')
    for (const { code, line, message } of bodyProblems(rule, rules, values)) report(code, line, message)
  for (const term of headValues(rule.head.key, values)) {
    const line = lineOf(term, lineOf(rule.head))
    const problem = name === 'mask' ? maskProblem(term) : reasonProblem(term, name === 'permit')
    if (problem !== undefined) report(name === 'mask' ? 'mask.malformed' : 'reason.malformed', line, problem)
  }
}

/** What the head can be, as far as it is constant. */
function headValues(key: Term | undefined, values: ReadonlyMap<string, readonly Term[] | undefined>): readonly Term[] {
  if (key === undefined) return []
  if (key.type === 'var') return values.get(String(key.value)) ?? []
  return [key]
}

function reasonProblem(term: Term, isPermit: boolean): string | undefined {
  if (term.type === 'string')
    return codePattern.test(String(term.value)) ? undefined : 'A reason is not a dotted code in lower case.'
  if (term.type !== 'object')
    return term.type === 'var' || term.type === 'ref' ? undefined : 'A reason is neither text nor an object.'
  const entries = term.value as readonly (readonly [Term, Term])[]
  const code = entries.find(([key]) => key.value === 'code')?.[1]
  if (code?.type !== 'string' || !codePattern.test(String(code.value)))
    return 'A reason has no dotted code in lower case.'
  const audit = entries.find(([key]) => key.value === 'audit')
  if (audit !== undefined && !(isPermit && audit[1].value === true))
    return 'Only a permit is marked for the audit log, by "audit": true.'
  const unknown = entries.find(([key]) => !['code', 'title', 'audit'].includes(String(key.value)))
  return unknown === undefined ? undefined : 'A reason has other members than code and title.'
}

/** Only a denial or a mask may rest on `not`: a permit or a helper that does, or on nothing being found, is proved by what is missing. */
export function checkAbsence(rules: readonly RuleNode[], report: Report): void {
  for (const rule of rules) {
    const parts: readonly unknown[] =
      nameOf(rule) === 'deny' || nameOf(rule) === 'mask' ? [rule.head, ...rule.body.map(({ terms }) => terms)] : [rule]
    for (const expr of [...findNodes<Expr>(parts, (node) => node.negated === true), ...conditionsOnAbsence(parts)])
      report(
        'rule.proof_by_absence',
        lineOf(expr as Expr, lineOf(rule.head)),
        `${nameOf(rule)} holds because something is absent.`,
      )
  }
}

/** What iterates over a list that a leaf without a contract doesn't have does nothing there: the rule has to deny such a leaf. */
function checkContract(rules: readonly RuleNode[], report: Report): void {
  const reading = rules.filter((rule) => exported.has(nameOf(rule)))
  for (const list of trustedLists.keys()) {
    const first = reading.find(({ body }) => mentions(body, list))
    if (first === undefined) continue
    const proofs = new Set(rules.filter((rule) => rule.default !== true && mentions(rule.body, list)).map(nameOf))
    const denies = rules.some(
      (rule) =>
        nameOf(rule) === 'deny' &&
        rule.body.length === 1 &&
        rule.body[0]!.negated === true &&
        proofs.has(varOf(rule.body[0]!.terms as Term) ?? ''),
    )
    if (!denies) report('rule.contract_unchecked', lineOf(first.head), `A leaf without ${list} is not denied.`)
  }
}

function mentions(body: readonly Expr[], list: string): boolean {
  return findNodes<Term>(body, (node) => node.type === 'ref').some((ref) => pathOf(ref)?.join('.') === list)
}
