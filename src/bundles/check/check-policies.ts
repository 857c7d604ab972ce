/** The check before a build, and alone as `policy lint`: everything that would fail open is a finding. */
import { byPlace, type PolicyFinding } from '../finding.ts'
import type { Opa } from '../opa.ts'
import type { Source, Sources } from '../sources.ts'
import { checkAttachments } from './check-attachments.ts'
import { type CheckedRule, checkAbsence, checkRule, type ParsedSource } from './check-rule.ts'
import { compileFindings, parseSource } from './opa-findings.ts'
import { lineOf, nameOf, packageOf } from './syntax.ts'

export type Checked = { readonly findings: readonly PolicyFinding[]; readonly rules: ReadonlyMap<string, CheckedRule> }

/** Processes of OPA at once. */
const parsersMax = 4
const rulesRoot = 'rules/rules.rego'

/** `staged` is a folder that holds these sources below their paths. @throws tool.failed */
export async function checkPolicies(
  opa: Opa,
  { sources, findings: unexpected }: Sources,
  staged: string,
): Promise<Checked> {
  const findings: PolicyFinding[] = [...unexpected]
  const parsed: ParsedSource[] = []
  const modules = sources.filter(({ path }) => path.endsWith('.rego'))
  for (let at = 0; at < modules.length; at += parsersMax)
    for (const outcome of await Promise.all(
      modules.slice(at, at + parsersMax).map((source) => parseSource(opa, source, staged)),
    ))
      if (outcome.ok) parsed.push(outcome.source)
      else findings.push(...outcome.findings)
  findings.push(...sources.flatMap(misplacedData))

  const rules = new Map<string, CheckedRule>()
  for (const source of parsed) {
    if (source.path === rulesRoot) findings.push(...checkRulesRoot(source))
    else if (source.path.startsWith('rules/')) {
      const { rule, findings: found } = checkRule(source)
      findings.push(...found)
      if (rule !== undefined) rules.set(rule.id, rule)
    } else findings.push(...checkShared(source))
  }
  findings.push(...checkAttachments(sources, rules))
  // OPA's own errors repeat what a source that doesn't parse has said already.
  if (parsed.length === modules.length) findings.push(...(await compileFindings(opa, sources, staged)))
  const origins = new Map(sources.flatMap(({ file, origin }) => (origin === undefined ? [] : [[file, origin]])))
  const placed = findings.map((finding) => {
    const origin = origins.get(finding.file)
    return origin === undefined ? finding : { ...finding, file: `${origin}:${finding.file}` }
  })
  return { findings: placed.sort(byPlace), rules }
}

function misplacedData({ path, file, placeOf }: Source): readonly PolicyFinding[] {
  if (
    placeOf !== undefined ||
    !path.endsWith('data.json') ||
    path.startsWith('attachments/') ||
    path.startsWith('lib/')
  )
    return []
  return [{ code: 'source.unexpected', file, line: 1, message: 'Data lies below attachments and lib only.' }]
}

function checkRulesRoot({ file, module }: ParsedSource): readonly PolicyFinding[] {
  const misplaced = packageOf(module) !== 'rules' || (module.rules ?? []).length > 0
  return misplaced
    ? [{ code: 'rule.misplaced', file, line: 1, message: 'This file holds package rules and no rule.' }]
    : []
}

/** Packages below access and lib: the folder is the package, and what a rule calls proves nothing by absence. */
function checkShared({ path, file, module }: ParsedSource): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const folder = path.slice(0, path.lastIndexOf('/')).replaceAll('/', '.')
  if (packageOf(module) !== folder)
    findings.push({
      code: 'source.misplaced',
      file,
      line: lineOf(module.package),
      message: `package ${packageOf(module)} does not belong here.`,
    })
  if (path.startsWith('lib/'))
    checkAbsence(
      (module.rules ?? []).filter((rule) => nameOf(rule) !== ''),
      (code, line, message) => findings.push({ code, file, line, message }),
    )
  return findings
}
