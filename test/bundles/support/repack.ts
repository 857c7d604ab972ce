/** The repository's access bundle under another revision: the same policies, packed anew. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packTarGz } from '../../../src/bundles/tar-gz.ts'
import { readTarGz } from '../../../src/policy/opa-wasm/tar.ts'
import { repository } from './checkout.ts'

export const accessBytes = await readFile(join(repository, 'bundles/access.tar.gz'))

/** `name` makes the revision; files given replace, or add to, those of the bundle. */
export function repacked(
  name: string,
  changes: Readonly<Record<string, string>> = {},
): { readonly bytes: Buffer; readonly revision: string } {
  const revision = createHash('sha256').update(name).digest('hex')
  const files = new Map<string, Uint8Array>(readTarGz(accessBytes))
  const manifest = { ...(JSON.parse(files.get('.manifest')!.toString()) as object), revision }
  files.set('.manifest', Buffer.from(JSON.stringify(manifest)))
  for (const [path, text] of Object.entries(changes)) files.set(path, Buffer.from(text))
  return { bytes: packTarGz([...files].map(([path, bytes]) => ({ path, bytes }))), revision }
}
