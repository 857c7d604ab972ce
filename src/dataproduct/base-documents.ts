/** The documents as they were at the base of a change. */
import type { ProductDocument } from './document.ts'
import { readBase } from './git.ts'
import { readDocuments } from './read-document.ts'
import { hasSourceName, type Problem } from './source-files.ts'

export type BaseDocuments = {
  readonly commit: string
  readonly documents: readonly ProductDocument[]
  readonly problems: readonly Problem[]
  /** Folders that are repositories of their own, from the root: nothing of them is read. */
  readonly submodules: readonly string[]
}

/** What can't be read at the base is compared with nothing: the check of the current file says what is wrong. @throws tool.failed */
export async function readBaseDocuments(root: string, ref: string, below: readonly string[]): Promise<BaseDocuments> {
  const { commit, files, submodules } = await readBase(root, ref, below, hasSourceName)
  const documents: ProductDocument[] = []
  const problems: Problem[] = []
  for (const { path, bytes } of files)
    try {
      documents.push(...readDocuments({ file: path, bytes }).documents.filter(({ kind }) => kind !== 'unknown'))
    } catch {
      problems.push({ file: path, message: 'It could not be read as it was at the base.' })
    }
  return { commit, documents, problems, submodules }
}
