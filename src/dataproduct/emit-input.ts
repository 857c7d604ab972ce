/** Writes what the rules see as JSON, so that conftest and opa can be run on the same: documents/, tree.json and change.json. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'
import type { CheckedTree } from './check.ts'
import type { ProductDocument } from './document.ts'
import { groupBy } from './group-by.ts'
import { changeInput, changePath, treeInput } from './tree.ts'

export const documentsFolder = 'documents'
export const treeFile = 'tree.json'

/** Each document below its own name, as JSON (which YAML is too); several documents of a file stay several. */
export async function emitInput(folder: string, { documents, base, report }: CheckedTree): Promise<void> {
  for (const [file, parts] of groupBy(documents, ({ file: name }) => name))
    await put(join(folder, documentsFolder, inside(file)), parts.map(printDocument).join('---\n'))
  await put(join(folder, treeFile), print(treeInput(documents)))
  if (report.base !== undefined) await put(join(folder, changePath), print(changeInput(base, documents)))
}

function printDocument({ value }: ProductDocument): string {
  return print(value)
}

function print(value: unknown): string {
  return `${JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each), 2)}\n`
}

/** Files from elsewhere lose what would lead out of the folder. */
function inside(file: string): string {
  return file
    .replace(/^[a-zA-Z]:/u, '')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/')
}

async function put(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (cause) {
    throw new PortcullisError('tool.failed', { message: `${path}: cannot be written.`, cause })
  }
}
