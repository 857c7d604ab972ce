/** Several documents as one input, in the form that `conftest --combine` gives; and what a rule says of them brought back to file, line and column. */
import type { Json } from '../domain/json.ts'
import type { Path, ProductDocument, Range } from './document.ts'
import type { RuleFinding } from './evaluate.ts'
import { type Finding, fingerprintOf, type RelatedPlace } from './finding.ts'
import { childOf } from './named-path.ts'

export type TreeItem = { readonly path: string; readonly contents: Json }
export type ChangeDocument = {
  readonly kind: 'Change'
  readonly base: readonly TreeItem[]
  readonly current: readonly TreeItem[]
}

/** The name under which the change stands beside documents. */
export const changePath = 'change.json'
const fileStart: Range = { line: 1, column: 1, endLine: 1, endColumn: 1 }

export function treeInput(documents: readonly ProductDocument[]): readonly TreeItem[] {
  return documents.map(({ file, value }) => ({ path: file, contents: value }))
}

export function changeInput(base: readonly ProductDocument[], current: readonly ProductDocument[]): ChangeDocument {
  return { kind: 'Change', base: treeInput(base), current: treeInput(current) }
}

/** Where no document has the file (it was removed), the finding stands at the file's start. */
export function placeFinding(found: RuleFinding, documents: readonly ProductDocument[]): Finding {
  const [only] = documents
  const file = found.file ?? (documents.length === 1 ? only!.file : documentless(documents))
  const document = documentAt(documents, file, found.path)
  const location = document?.locate(found.path)
  const related: RelatedPlace[] = found.related.map((place) => {
    const at = place.file ?? file
    const range = documentAt(documents, at, place.path)?.locate(place.path).range ?? fileStart
    return { ...range, file: at, message: place.message }
  })
  if (location?.definition !== undefined) related.push({ ...location.definition, file, message: 'defined here' })
  return {
    rule: found.rule,
    severity: found.severity,
    message: found.message,
    path: found.path,
    file,
    ...(location?.range ?? fileStart),
    remedy: found.remedy,
    regulation: found.regulation,
    fingerprint: fingerprintIn(found.rule, file, found.path, document),
    ...(related.length > 0 ? { related } : {}),
  }
}

/** Documents behind the first of a file count by their own id or name, as items of lists do. */
export function fingerprintIn(rule: string, file: string, path: Path, document: ProductDocument | undefined): string {
  if (document === undefined || document.index === 0) return fingerprintOf(rule, file, path, document?.value)
  const name = childOf(document.value, 'id') ?? childOf(document.value, 'name') ?? document.index
  return fingerprintOf(rule, `${file}#${String(name)}`, path, document.value)
}

/** Of several documents in the file, the one into which the path leads furthest. */
function documentAt(documents: readonly ProductDocument[], file: string, path: Path): ProductDocument | undefined {
  let best: ProductDocument | undefined
  let bestDepth = -1
  for (const document of documents) {
    if (document.file !== file) continue
    const depth = depthOf(document.value, path)
    if (depth > bestDepth) {
      best = document
      bestDepth = depth
    }
  }
  return best
}

function depthOf(document: Json, path: Path): number {
  let value: Json | undefined = document
  let depth = 0
  for (const segment of path) {
    value = childOf(value, segment)
    if (value === undefined) break
    depth += 1
  }
  return depth
}

function documentless(documents: readonly ProductDocument[]): string {
  return documents[0]?.file ?? '.'
}
