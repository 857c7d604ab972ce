/** Reads the documents of all files: what each holds, what is wrong with it, and what was passed over. */
import { readFileSync, statSync } from 'node:fs'
import type { ProductDocument } from './document.ts'
import { reasonOf } from './fault-reason.ts'
import type { Finding } from './finding.ts'
import { fileFinding, ownFinding } from './own-finding.ts'
import { readDocuments } from './read-document.ts'
import { hasPromisingName, type Problem, type SourceFile } from './source-files.ts'

/** Larger ones are not read. */
export const fileBytesMax = 64 * 1_048_576

export type ReadFile = {
  readonly file: string
  /** Of known kinds only. */
  readonly documents: readonly ProductDocument[]
  readonly findings: readonly Finding[]
}
export type ReadTree = {
  readonly files: readonly ReadFile[]
  readonly passedOver: number
  readonly unreadable: readonly string[]
  readonly problems: readonly Problem[]
}

/** What text of ours has somewhere at the beginning of a line or of an object, however broken the rest is. */
const promisingText =
  /(?:^\s*(?:-\s+)?|[{,]\s*)(?:"?dataProduct"?\s*:|["']?kind["']?\s*:\s*["']?(?:DataContract|DataProduct|Waivers|Approvals)\b)/mu

export function readTree(sources: readonly SourceFile[]): ReadTree {
  const files: ReadFile[] = []
  const problems: Problem[] = []
  const unreadable: string[] = []
  let passedOver = 0

  for (const source of sources) {
    const { file } = source
    try {
      const bytes = readBounded(source.absolute)
      const { documents, findings } = readDocuments({ file, bytes })
      const known = documents.filter((document) => !isUnknown(document))
      if (known.length > 0)
        files.push({
          file,
          documents: known,
          findings: [...findings, ...documents.filter(isUnknown).map(besideOthers)],
        })
      else if (findings.length > 0 && (source.explicit || isPromising(file, bytes)))
        files.push({ file, documents: [], findings })
      else if (source.explicit)
        problems.push({
          file,
          message: 'This is neither a data product nor a data contract, nor anything else that is checked.',
        })
      else if (hasPromisingName(file)) files.push({ file, documents: [], findings: [unknownKind(file)] })
      else {
        passedOver += 1
        if (findings.length > 0) unreadable.push(file)
      }
    } catch (error) {
      problems.push({ file, message: `It could not be read: ${reasonOf(error)}.` })
    }
  }
  return { files, passedOver, unreadable, problems }
}

function isUnknown({ kind }: ProductDocument): boolean {
  return kind === 'unknown'
}

/** A file with one of our documents is one of ours: nothing in it is passed over. */
function besideOthers(document: ProductDocument): Finding {
  return ownFinding(
    'INT-01',
    document,
    [],
    `Document ${document.index + 1} of this file is none that is checked, for it has no \`kind\` or \`dataProduct\` that is known: correct it, or move it to a file of its own.`,
  )
}

function unknownKind(file: string): Finding {
  return fileFinding(
    'INT-01',
    file,
    'By its name this is a data product or contract, but it has neither `kind: DataProduct`, `kind: DataContract` nor `dataProduct`.',
  )
}

function isPromising(file: string, bytes: Uint8Array): boolean {
  return hasPromisingName(file) || promisingText.test(Buffer.from(bytes.subarray(0, 65_536)).toString('utf8'))
}

function readBounded(path: string): Uint8Array {
  const stats = statSync(path)
  if (!stats.isFile()) throw new TypeError('it is not a regular file')
  if (stats.size > fileBytesMax) throw new RangeError(`it is larger than ${fileBytesMax} bytes`)
  return readFileSync(path)
}
