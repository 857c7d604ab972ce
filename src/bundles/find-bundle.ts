/** A bundle by whatever names it: a file, a revision that git remembers, or a commit, branch or tag. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'
import { bundleAt, findRevision } from './history.ts'

export type FoundBundle = { readonly bytes: Buffer /** How it was found, for messages. */; readonly from: string }

/** `file` is the name of the bundle below bundles/. @throws bundle.missing naming what was tried, config.invalid, tool.failed */
export async function findBundle(root: string, file: string, name: string): Promise<FoundBundle> {
  const path = resolve(root, name)
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes !== undefined) return { bytes, from: name }
  if (/^[0-9a-f]{4,64}$/.test(name)) {
    const entry = await findRevision(root, file, name).catch((thrown: unknown) => {
      if (thrown instanceof PortcullisError && thrown.code === 'bundle.missing') return undefined
      throw thrown
    })
    if (entry !== undefined)
      return { bytes: await bundleAt(root, entry.commit, file), from: `revision ${entry.revision.slice(0, 12)}` }
  }
  if (!name.startsWith('-'))
    try {
      return { bytes: await bundleAt(root, name, file), from: name }
    } catch {
      // told below, with all that was tried
    }
  throw new PortcullisError('bundle.missing', {
    message: `${name}: neither a file, nor a revision of bundles/${file} in git, nor a commit, branch or tag that has it.`,
  })
}
