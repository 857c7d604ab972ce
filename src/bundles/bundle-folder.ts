/** What a build writes: `bundles/`, with a lock file that says what each bundle is and which OPA made it, and the schemas of the inputs. Never edited by hand. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuiltBundle } from './build-access.ts'
import { inputSchemas, printSchema, schemasFolder } from './schemas.ts'

export const bundlesFolder = 'bundles'
export const lockFile = 'bundles.lock.json'

/** A folder below the root, and by name what its files have to hold. */
export type BuiltFolder = { readonly folder: string; readonly files: ReadonlyMap<string, Buffer> }

export function foldersOf(bundles: readonly BuiltBundle[], opaVersion: string): readonly BuiltFolder[] {
  const locked = Object.fromEntries(
    bundles.map(({ name, revision, bytes }) => [
      name,
      { revision, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
    ]),
  )
  const lock = `${JSON.stringify({ opa: opaVersion, bundles: locked }, null, 2)}\n`
  const files = new Map([...bundles.map(({ name, bytes }) => [name, bytes] as const), [lockFile, Buffer.from(lock)]])
  return [{ folder: bundlesFolder, files }, ...schemaFolders()]
}

function schemaFolders(): readonly BuiltFolder[] {
  const folders = new Map<string, Map<string, Buffer>>()
  for (const [path, schema] of inputSchemas) {
    const at = path.lastIndexOf('/')
    const folder = `${schemasFolder}/${path.slice(0, at)}`
    const files = folders.get(folder) ?? new Map<string, Buffer>()
    folders.set(folder, files.set(path.slice(at + 1), Buffer.from(printSchema(schema))))
  }
  return [...folders].map(([folder, files]) => ({ folder, files }))
}

/** Each file is replaced as a whole, the lock file last: it never names a bundle that is not there yet. */
export async function writeFolders(root: string, folders: readonly BuiltFolder[]): Promise<void> {
  for (const { folder, files } of folders) {
    await mkdir(join(root, folder), { recursive: true })
    for (const [name, bytes] of files) {
      const temporary = join(root, folder, `.${name}.${process.pid}`)
      await writeFile(temporary, bytes)
      await rename(temporary, join(root, folder, name))
    }
  }
}

export type Difference = { readonly file: string; readonly what: 'missing' | 'different' | 'unexpected' }

/** What is not as it has to be; signatures are not compared. */
export async function compareFolders(root: string, folders: readonly BuiltFolder[]): Promise<readonly Difference[]> {
  const differences: Difference[] = []
  for (const { folder, files } of folders) {
    const there = await readdir(join(root, folder)).catch((): string[] => [])
    for (const [name, bytes] of files) {
      const file = `${folder}/${name}`
      if (!there.includes(name)) differences.push({ file, what: 'missing' })
      else if (!(await readFile(join(root, folder, name))).equals(bytes)) differences.push({ file, what: 'different' })
    }
    for (const name of there.sort())
      if (!files.has(name) && !name.endsWith('.sig'))
        differences.push({ file: `${folder}/${name}`, what: 'unexpected' })
  }
  return differences
}
