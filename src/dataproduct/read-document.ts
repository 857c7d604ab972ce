/** Reads the documents of one file; what is wrong with its text becomes findings. */
import { decodeText } from './decode-text.ts'
import type { DocumentKind, ProductDocument } from './document.ts'
import { type Finding, fingerprintOf } from './finding.ts'
import { parseJson } from './json-text.ts'
import { documentKind, documentVersion } from './kind.ts'
import { createLocator, createPositions, type Positions } from './positions.ts'
import type { Problem, SyntaxDocument, SyntaxNode } from './syntax.ts'
import { parseYaml } from './yaml/parse-yaml.ts'

export type FileContent = {
  /** As findings name it. `.json` is read as JSON, everything else as YAML. */
  readonly file: string
  /** YAML's merge keys (`<<`) are refused unless this is true. */
  readonly mergeKeys?: boolean
} & ({ readonly text: string } | { readonly bytes: Uint8Array })

export type DocumentsOfFile = { readonly documents: readonly ProductDocument[]; readonly findings: readonly Finding[] }

/** The rule that every finding about a file's text belongs to. */
const RULE = 'INT-01'

const WARNINGS_PER_DOCUMENT_MAX = 50

/** Nobody writes these by hand, and no tool reads them with another version of YAML. */
const WITHOUT_WARNINGS: ReadonlySet<DocumentKind> = new Set(['unknown', 'foreign', 'quality-results', 'terraform-plan'])

/** Never throws for what stands in the file. A document with an error in its text is left out; those beside it are kept. */
export function readDocuments(content: FileContent): DocumentsOfFile {
  const { file } = content
  const { text, problem } = decodeText('text' in content ? content.text : content.bytes)
  const positions = createPositions(text)
  if (problem !== undefined) return { documents: [], findings: [finding(file, positions, problem)] }
  const parsed = file.toLowerCase().endsWith('.json') ? [parseJson(text)] : parseYaml(text, content)
  if (parsed.every(({ empty, problems }) => empty && problems.length === 0)) {
    return { documents: [], findings: [finding(file, positions, emptyFile(text))] }
  }
  const read = parsed.map((document, index) => readDocument(file, positions, document, index))
  return {
    documents: read.flatMap(({ document }) => (document === undefined ? [] : [document])),
    findings: read.flatMap(({ problems, document }) =>
      problems.map((each) => finding(file, positions, each, document)),
    ),
  }
}

function readDocument(
  file: string,
  positions: Positions,
  { node, empty, problems }: SyntaxDocument,
  index: number,
): { readonly document?: ProductDocument; readonly problems: readonly Problem[] } {
  if (node === undefined || empty) return { problems: problems.filter(({ severity }) => severity === 'error') }
  const document = productDocument(file, positions, node, index)
  if (WITHOUT_WARNINGS.has(document.kind)) return { document, problems: [] }
  return { document, problems: shortened(problems) }
}

function productDocument(file: string, positions: Positions, node: SyntaxNode, index: number): ProductDocument {
  const { value } = node
  const version = documentVersion(value)
  return {
    file,
    index,
    kind: documentKind(value),
    ...(version === undefined ? {} : { version }),
    value,
    ...createLocator(node, positions),
  }
}

/** A document full of dates without quotes has the same warning a thousand times. */
function shortened(problems: readonly Problem[]): readonly Problem[] {
  const left = problems.length - WARNINGS_PER_DOCUMENT_MAX
  if (left <= 0) return problems
  const last = problems[WARNINGS_PER_DOCUMENT_MAX]!
  return [
    ...problems.slice(0, WARNINGS_PER_DOCUMENT_MAX),
    { ...last, message: `${last.message}; and ${left} more places like these, from here on`, path: [] },
  ]
}

function emptyFile(text: string): Problem {
  return {
    severity: 'error',
    message: text.trim() === '' ? 'the file is empty' : 'the file has only comments',
    remedy: 'Write a document into it, or remove it.',
    path: [],
    start: 0,
    end: Math.min(1, text.length),
  }
}

function finding(file: string, positions: Positions, problem: Problem, document?: ProductDocument): Finding {
  const { severity, message, remedy, path, start, end, related } = problem
  return {
    rule: RULE,
    severity,
    message,
    path,
    file,
    ...positions.range(start, end),
    remedy,
    regulation: [],
    fingerprint: fingerprintOf(RULE, file, path, document?.value),
    ...(related === undefined
      ? {}
      : { related: [{ file, ...positions.range(related.start, related.end), message: related.message }] }),
  }
}
