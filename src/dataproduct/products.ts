/** Which data products a file belongs to: what a waiver's scope can name. */
import type { ProductDocument } from './document.ts'
import { childOf, valueAt } from './named-path.ts'

const none: ReadonlySet<string> = new Set()

/** Ids and names of the products in the file, and of those that its contracts say they belong to. */
export function productsByFile(documents: readonly ProductDocument[]): (file: string) => ReadonlySet<string> {
  const byFile = new Map<string, Set<string>>()
  for (const document of documents) {
    const names = byFile.get(document.file) ?? new Set<string>()
    for (const name of namesOf(document)) if (typeof name === 'string' && name !== '') names.add(name)
    byFile.set(document.file, names)
  }
  return (file) => byFile.get(file) ?? none
}

function namesOf({ kind, value }: ProductDocument): readonly unknown[] {
  if (kind === 'odps') return [childOf(value, 'id'), childOf(value, 'name')]
  if (kind === 'odcs') return [childOf(value, 'dataProduct')]
  if (kind === 'profile') return [valueAt(value, ['dataProduct', 'id']), valueAt(value, ['dataProduct', 'name'])]
  return []
}
