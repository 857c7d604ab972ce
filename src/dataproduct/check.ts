/** Checks data products: each document by itself, all of them together, and what changed; one fault never hides the rest. */
import { resolve } from 'node:path'
import type { ControlPorts } from './control-port.ts'
import type { ProductDocument } from './document.ts'
import { evaluateRules, mergeStates, type RuleEngine, type RuleReport, type RuleState } from './evaluate.ts'
import { reasonOf } from './fault-reason.ts'
import { byPlace, distinctFingerprints, type Finding } from './finding.ts'
import { groupBy } from './group-by.ts'
import { ownFinding } from './own-finding.ts'
import { productsByFile } from './products.ts'
import { type ReadFile, readTree } from './read-tree.ts'
import type { CheckedFile, Report } from './report.ts'
import { placeIn } from './repository.ts'
import { type RuleInfo, schemaRule } from './rule-info.ts'
import { checkSchema } from './schema/check-schema.ts'
import { collectFiles, hasSourceName, type Problem } from './source-files.ts'
import { changeInput, changePath, placeFinding, treeInput } from './tree.ts'
import { applyWaivers, readWaivers, scopeMatches } from './waivers.ts'

export type CheckOptions = {
  /** Files and folders, from `cwd`. */
  readonly paths: readonly string[]
  readonly cwd: string
  /** Of the repository, or `cwd` where there is none: what the names of files start from. */
  readonly root: string
  readonly engine: RuleEngine
  readonly rules: readonly RuleInfo[]
  readonly revision: string
  /** A git revision to compare with. */
  readonly base?: string
  /** Files with waivers beside those among `paths`. */
  readonly waivers?: readonly string[]
  readonly controlPorts?: ControlPorts
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly onProgress?: (done: number, total: number) => void
}

/** What was read, for who goes on with it. */
export type CheckedTree = {
  readonly report: Report
  readonly documents: readonly ProductDocument[]
  readonly base: readonly ProductDocument[]
}

const notCompared = 'The change could not be checked'

type States = ReadonlyMap<string, RuleState>

/** Faults of single files are problems of the report. @throws bundle.refused when the policy holds no rules */
export async function checkTree(options: CheckOptions): Promise<CheckedTree> {
  const { engine, rules } = options
  const collected = collectFiles(options.paths, options.cwd, options.root)
  const tree = readTree(collected.files)
  const extra = readTree(collectFiles(options.waivers ?? [], options.cwd, options.root).files.filter(notIn(tree.files)))
  const problems: Problem[] = [
    ...collected.problems,
    ...tree.problems,
    ...extra.problems,
    ...missingWaivers(options, [...tree.files, ...extra.files]),
  ]
  const findings: Finding[] = [...tree.files, ...extra.files].flatMap((file) => file.findings)
  const documents = tree.files.flatMap((file) => file.documents)
  if (tree.files.length === 0 && problems.length === 0)
    problems.push({
      message: `There is no data product and no data contract here (${collected.passedOver + tree.passedOver} files passed over).`,
    })

  const files: CheckedFile[] = []
  for (const file of tree.files) {
    const checked = checkFile(file, engine)
    findings.push(...checked.findings)
    problems.push(...checked.problems)
    files.push(checked.file)
    options.onProgress?.(files.length, tree.files.length)
  }

  const together: States[] = []
  const attempt = (what: string, input: unknown, among: readonly ProductDocument[]) => {
    try {
      const report = evaluateRules(engine, input)
      together.push(report.states)
      findings.push(...placed(report, among))
    } catch (error) {
      if (isGlobal(error)) throw error
      problems.push({ message: `${what} could not be checked: ${reasonOf(error)}.` })
    }
  }
  if (documents.length > 0) attempt('The documents together', treeInput(documents), documents)

  const compared = options.base === undefined ? undefined : await baseOf(options, options.base, documents, problems)
  if (compared !== undefined) {
    const contents = changeInput(compared.documents, documents)
    attempt('The change', [{ path: changePath, contents }], [...documents, ...compared.documents])
  }
  if (options.controlPorts !== undefined) {
    const asked = await options.controlPorts.ask(documents)
    findings.push(...asked.findings)
    problems.push(...asked.problems)
    together.push(
      new Map([['CTL-01', asked.asked === 0 ? 'notEvaluated' : asked.findings.length > 0 ? 'failed' : 'passed']]),
    )
  }

  const waiverDocuments = [...tree.files, ...extra.files].flatMap((file) => file.documents).filter(isWaivers)
  const evaluated = mergeStates([...files.map(({ rules: each }) => new Map(Object.entries(each))), ...together])
  const waived = waive(findings, waiverDocuments, evaluated, documents, options)
  const all = distinctFingerprints([...waived].sort(byPlace))
  const states = finalStates(rules, evaluated, all, waiverDocuments.length > 0)
  return {
    documents,
    base: compared?.documents ?? [],
    report: {
      evaluatedAt: new Date(options.now).toISOString(),
      policy: { revision: options.revision, rules },
      ...(compared === undefined ? {} : { base: compared.commit }),
      states,
      treeStates: treeStates(rules, states),
      files: withFindings(files, all),
      passedOver: collected.passedOver + tree.passedOver,
      unreadable: tree.unreadable,
      findings: all,
      problems,
    },
  }
}

function checkFile({ file, documents, findings }: ReadFile, engine: RuleEngine) {
  const found: Finding[] = []
  const problems: Problem[] = []
  const states: States[] = []
  for (const document of documents) {
    try {
      // waivers have a rule of their own
      if (!isWaivers(document)) found.push(...checkSchema(document))
      const report = evaluateRules(engine, document.value)
      states.push(report.states)
      found.push(...placed(report, [document]))
      if (document.kind === 'foreign' && report.findings.length === 0) found.push(ofNoKind(document))
    } catch (error) {
      if (isGlobal(error)) throw error
      problems.push({ file, message: `It could not be checked: ${reasonOf(error)}.` })
    }
  }
  const schema = [...findings, ...found].some(({ rule }) => rule === schemaRule) ? 'failed' : 'passed'
  const rules = mergeStates([...states, new Map([[schemaRule, schema]])])
  const checked: CheckedFile = {
    file,
    kinds: documents.map(({ kind }) => kind),
    status: problems.length > 0 ? 'notChecked' : 'checked',
    rules: Object.fromEntries(rules),
  }
  return { file: checked, findings: found, problems }
}

/** The rules that come with portcullis say more; others may say nothing of what is none of theirs. */
function ofNoKind(document: ProductDocument): Finding {
  return ownFinding(
    schemaRule,
    document,
    ['kind'],
    'This is a data product or contract by its look, but has none of the kinds that are checked: DataContract, DataProduct, `dataProduct`.',
  )
}

function placed({ findings }: RuleReport, documents: readonly ProductDocument[]): readonly Finding[] {
  return findings.map((finding) => placeFinding(finding, documents))
}

/** Nothing else can be checked either. */
function isGlobal(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'bundle.refused'
}

async function baseOf(
  { paths, cwd, root }: CheckOptions,
  ref: string,
  documents: readonly ProductDocument[],
  problems: Problem[],
) {
  const { readBaseDocuments } = await import('./base-documents.ts')
  const below: string[] = []
  for (const path of paths) {
    const place = placeIn(root, resolve(cwd, path))
    if (place === undefined) problems.push({ file: path, message: `${notCompared}: it is not in the repository.` })
    else below.push(place)
  }
  if (below.length === 0) return undefined
  try {
    const base = await readBaseDocuments(root, ref, below)
    problems.push(...base.problems)
    for (const folder of base.submodules)
      if (documents.some(({ file }) => file.startsWith(`${folder}/`)))
        problems.push({ file: folder, message: `${notCompared}: it is a submodule. Check it in its own repository.` })
    return base
  } catch (error) {
    problems.push({ message: `${notCompared}: ${reasonOf(error)}.` })
    return undefined
  }
}

function waive(
  findings: readonly Finding[],
  waiverDocuments: readonly ProductDocument[],
  evaluated: States,
  documents: readonly ProductDocument[],
  { rules, now, paths }: CheckOptions,
): readonly Finding[] {
  const read = readWaivers(waiverDocuments, rules)
  const productsOf = productsByFile(documents)
  const wholeFolders = paths.some((path) => !hasSourceName(path))
  const applied = applyWaivers(findings, read.waivers, {
    today: new Date(now).toISOString().slice(0, 10),
    productsOf,
    looked: ({ rule, scope }) =>
      (evaluated.get(rule) ?? 'notEvaluated') !== 'notEvaluated' &&
      (wholeFolders || documents.some(({ file }) => scopeMatches(scope, file, productsOf))),
  })
  return [...applied, ...read.findings]
}

/** A rule that passed in a file by itself has failed there when all documents together show something. */
function withFindings(files: readonly CheckedFile[], findings: readonly Finding[]): readonly CheckedFile[] {
  const found = groupBy(findings, ({ file }) => file)
  return files.map((file) => {
    const failed = (found.get(file.file) ?? []).map(({ rule }) => [rule, 'failed'] as const)
    return failed.length === 0 ? file : { ...file, rules: { ...file.rules, ...Object.fromEntries(failed) } }
  })
}

/** Of every rule that is known, in the order of the ids. */
function finalStates(
  rules: readonly RuleInfo[],
  evaluated: States,
  findings: readonly Finding[],
  hasWaivers: boolean,
): Readonly<Record<string, RuleState>> {
  const failed = new Set(findings.map(({ rule }) => rule))
  const ids = new Set([...rules.map(({ id }) => id), ...evaluated.keys(), ...failed])
  const stateOf = (id: string): RuleState => {
    if (failed.has(id)) return 'failed'
    if (id.startsWith('WVR-')) return hasWaivers ? 'passed' : 'notEvaluated'
    return evaluated.get(id) ?? 'notEvaluated'
  }
  return Object.fromEntries([...ids].sort().map((id) => [id, stateOf(id)]))
}

function treeStates(rules: readonly RuleInfo[], states: Report['states']): Report['treeStates'] {
  const together = rules.filter(({ scope, id }) => scope === 'tree' || scope === 'change' || /^(?:WVR|CTL)-/u.test(id))
  return Object.fromEntries(together.map(({ id }) => [id, states[id] ?? 'notEvaluated']))
}

function isWaivers({ kind }: ProductDocument): boolean {
  return kind === 'waivers'
}

function notIn(files: readonly ReadFile[]) {
  const known = new Set(files.map(({ file }) => file))
  return ({ file }: { readonly file: string }) => !known.has(file)
}

/** What is named as waivers has to be there and to hold some. */
function missingWaivers({ waivers = [], cwd, root }: CheckOptions, read: readonly ReadFile[]): readonly Problem[] {
  const holding = new Set(read.filter(({ documents }) => documents.some(isWaivers)).map(({ file }) => file))
  // what is wrong with their text is a finding already
  const broken = new Set(read.filter(({ findings }) => findings.length > 0).map(({ file }) => file))
  return waivers.flatMap((path) => {
    const { files, problems } = collectFiles([path], cwd, root)
    if (problems.length > 0 || files.some(({ file }) => holding.has(file) || broken.has(file))) return problems
    return [{ file: path, message: 'It was named as waivers, but has no `kind: Waivers`.' }]
  })
}
