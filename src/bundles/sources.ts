/** The listed inputs of the access bundle: exactly these files, in a fixed order, are checked, compiled and packed. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PortcullisError } from '../domain/errors.ts'
import type { PolicyFinding } from './finding.ts'

export const policiesFolder = 'policies'
/** Folders below `policies/`, and roots of the bundle. */
export const accessRoots = ['access', 'attachments', 'contracts', 'lib', 'rules'] as const
/** How rules become a decision. A checkout that has no folder of its own for it is built with this package's. */
export const sharedRoot = 'access'
/** The root that this package's own `policies/` lie below. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url))
export const sourceFilesMax = 20_000
export const sourceBytesMax = 16 * 1_048_576

export type Source = {
  /** Relative to `policies/`, with slashes: also its name in the bundle. */
  readonly path: string
  /** Relative to the root of the checkout: what findings name. */
  readonly file: string
  readonly bytes: Buffer
  /** Of a source from another repository: which, and at which commit. Its `file` is then the path there. */
  readonly origin?: string
  /** Of a source made from other files: where a part of its JSON comes from. */
  readonly placeOf?: (path: readonly (string | number)[]) => SourcePlace
}
export type SourcePlace = { readonly file: string; readonly line: number }

export type Sources = { readonly sources: readonly Source[]; readonly findings: readonly PolicyFinding[] }

/** @throws bundle.missing when the first of the folders that are the checkout's own does not exist below `policies/` */
export async function readSources(root: string, roots: readonly string[] = accessRoots): Promise<Sources> {
  const sources: Source[] = []
  const findings: PolicyFinding[] = []
  const isLent = roots.includes(sharedRoot) && (await lacksShared(root))
  if (isLent) await visit(packageRoot, sharedRoot, true)
  const own = isLent ? roots.filter((folder) => folder !== sharedRoot) : roots
  const needed = isLent ? 'rules' : roots[0]
  for (const folder of own) await visit(root, folder, folder === needed)
  sources.sort((left, right) => (left.path < right.path ? -1 : 1))
  return { sources, findings }

  async function visit(base: string, path: string, needed: boolean): Promise<void> {
    for (const entry of await list(base, path, needed)) {
      const child = `${path}/${entry.name}`
      const file = `${policiesFolder}/${child}`
      if (entry.isDirectory()) await visit(base, child, false)
      else if (!entry.isFile() || !(entry.name === 'data.json' || entry.name.endsWith('.rego')))
        findings.push({
          code: 'source.unexpected',
          file,
          line: 1,
          message: 'OPA would not load this, or not from here.',
        })
      else sources.push({ path: child, file, bytes: await readBounded(join(base, policiesFolder, child), file) })
      if (sources.length > sourceFilesMax)
        throw new PortcullisError('tool.failed', { message: `policies: more than ${sourceFilesMax} files.` })
    }
  }

  async function list(base: string, path: string, needed: boolean) {
    try {
      return await readdir(join(base, policiesFolder, path), { withFileTypes: true })
    } catch (cause) {
      if (!needed && (cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new PortcullisError('bundle.missing', {
        message: `${policiesFolder}/${path}: there are no policies here. Name the root of the checkout with --root.`,
        cause,
      })
    }
  }
}

/** Whether the checkout has no folder `policies/access/` of its own. @throws what reading the folder throws, unless it is not there */
export async function lacksShared(root: string): Promise<boolean> {
  return readdir(join(root, policiesFolder, sharedRoot)).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return true
      throw error
    },
  )
}

async function readBounded(path: string, file: string): Promise<Buffer> {
  const bytes = await readFile(path)
  if (bytes.length > sourceBytesMax)
    throw new PortcullisError('tool.failed', { message: `${file}: larger than ${sourceBytesMax} bytes.` })
  return bytes
}
