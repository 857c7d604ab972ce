/** The listed inputs of the access bundle: exactly these files, in a fixed order, are checked, compiled and packed. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../domain/errors.ts'
import type { PolicyFinding } from './finding.ts'

export const policiesFolder = 'policies'
/** Folders below `policies/`, and roots of the bundle. */
export const accessRoots = ['access', 'attachments', 'lib', 'rules'] as const
export const sourceFilesMax = 20_000
export const sourceBytesMax = 16 * 1_048_576

export type Source = {
  /** Relative to `policies/`, with slashes: also its name in the bundle. */
  readonly path: string
  /** Relative to the root of the checkout: what findings name. */
  readonly file: string
  readonly bytes: Buffer
}

export type Sources = { readonly sources: readonly Source[]; readonly findings: readonly PolicyFinding[] }

/** @throws bundle.missing when the first of the folders does not exist below `policies/` */
export async function readSources(root: string, roots: readonly string[] = accessRoots): Promise<Sources> {
  const sources: Source[] = []
  const findings: PolicyFinding[] = []
  for (const folder of roots) await visit(folder, folder === roots[0])
  sources.sort((left, right) => (left.path < right.path ? -1 : 1))
  return { sources, findings }

  async function visit(path: string, needed: boolean): Promise<void> {
    for (const entry of await list(path, needed)) {
      const child = `${path}/${entry.name}`
      const file = `${policiesFolder}/${child}`
      if (entry.isDirectory()) await visit(child, false)
      else if (!entry.isFile() || !(entry.name === 'data.json' || entry.name.endsWith('.rego')))
        findings.push({
          code: 'source.unexpected',
          file,
          line: 1,
          message: 'OPA would not load this, or not from here.',
        })
      else sources.push({ path: child, file, bytes: await readBounded(join(root, policiesFolder, child), file) })
      if (sources.length > sourceFilesMax)
        throw new PortcullisError('tool.failed', { message: `policies: more than ${sourceFilesMax} files.` })
    }
  }

  async function list(path: string, needed: boolean) {
    try {
      return await readdir(join(root, policiesFolder, path), { withFileTypes: true })
    } catch (cause) {
      if (!needed && (cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new PortcullisError('bundle.missing', {
        message: `${policiesFolder}/${path}: there are no policies here. Name the root of the checkout with --root.`,
        cause,
      })
    }
  }
}

async function readBounded(path: string, file: string): Promise<Buffer> {
  const bytes = await readFile(path)
  if (bytes.length > sourceBytesMax)
    throw new PortcullisError('tool.failed', { message: `${file}: larger than ${sourceBytesMax} bytes.` })
  return bytes
}
