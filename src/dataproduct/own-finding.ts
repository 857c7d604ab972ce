/** Findings of the rules that the check itself holds. */
import type { Path, ProductDocument, Range } from './document.ts'
import type { Finding } from './finding.ts'
import { type OwnRule, ownRules } from './rule-info.ts'
import { fingerprintIn } from './tree.ts'

const fileStart: Range = { line: 1, column: 1, endLine: 1, endColumn: 1 }

export function ownFinding(rule: OwnRule, document: ProductDocument, path: Path, message: string): Finding {
  return {
    ...common(rule, message),
    path,
    file: document.file,
    ...document.locate(path).range,
    fingerprint: fingerprintIn(rule, document.file, path, document),
  }
}

/** Of a file as a whole. */
export function fileFinding(rule: OwnRule, file: string, message: string): Finding {
  return {
    ...common(rule, message),
    path: [],
    file,
    ...fileStart,
    fingerprint: fingerprintIn(rule, file, [], undefined),
  }
}

function common(rule: OwnRule, message: string) {
  const { id, severity, remedy, regulation } = ownRules[rule]
  return { rule: id, severity, message, remedy, regulation }
}
