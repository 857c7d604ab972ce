/** The revisions of a bundle that git remembers: a bundle can't name the commit that holds it, so that is derived from the history. */
import { runGit } from '../dataproduct/run-git.ts'
import { PortcullisError } from '../domain/errors.ts'
import { readTarGz } from '../policy/opa-wasm/index.ts'
import { bundlesFolder, lockFile } from './bundle-folder.ts'
import { compareBundles, type PolicyChange } from './compare/compare-bundles.ts'

/** One commit that brought another revision; newest first in a list. */
export type HistoryEntry = {
  readonly revision: string
  readonly commit: string
  /** ISO 8601 with the author's own offset. */
  readonly date: string
  readonly author: string
  /** First line of the commit's message. */
  readonly message: string
}

const separator = '\u001f'

/** Every commit below HEAD after which the bundle had another revision than before. @throws tool.failed where this is no checkout of git */
export async function bundleHistory(root: string, file: string): Promise<readonly HistoryEntry[]> {
  const format = ['%H', '%aI', '%an', '%s'].join('%x1f')
  const log = await runGit(root, ['log', `--format=${format}`, '--', `${bundlesFolder}/${lockFile}`])
  const commits = log
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(separator) as [string, string, string, string])
  const entries: HistoryEntry[] = []
  // oldest first, so that a commit that only touched another bundle brings nothing
  for (const [commit, date, author, message] of commits.reverse()) {
    const revision = await revisionAt(root, commit, file)
    if (revision === undefined || revision === entries.at(-1)?.revision) continue
    entries.push({ revision, commit, date, author, message })
  }
  return entries.reverse()
}

/** The newest entry whose revision, or commit, begins like this. @throws bundle.missing for none, config.invalid for several */
export async function findRevision(root: string, file: string, prefix: string): Promise<HistoryEntry> {
  const entries = await bundleHistory(root, file)
  const found = entries.filter(({ revision, commit }) => revision.startsWith(prefix) || commit.startsWith(prefix))
  const revisions = new Set(found.map(({ revision }) => revision))
  if (prefix === '' || found[0] === undefined)
    throw new PortcullisError('bundle.missing', {
      message: `No revision of ${file} begins with ${JSON.stringify(prefix)}; portcullis bundle log lists them.`,
    })
  if (revisions.size > 1)
    throw new PortcullisError('config.invalid', {
      message: `${revisions.size} revisions of ${file} begin with ${prefix}; give more of it.`,
    })
  return found[0]
}

/** The bundle as that commit has it. @throws tool.failed */
export function bundleAt(root: string, commit: string, file: string): Promise<Buffer> {
  // relative to the root, which may be a folder of a larger repository
  return runGit(root, ['show', `${commit}:./${bundlesFolder}/${file}`])
}

/** What each entry changed against the one before it; for the first one: undefined. */
export async function changesOf(
  root: string,
  file: string,
  entry: HistoryEntry,
  before: HistoryEntry | undefined,
): Promise<readonly PolicyChange[] | undefined> {
  if (before === undefined) return undefined
  const [older, newer] = await Promise.all([bundleAt(root, before.commit, file), bundleAt(root, entry.commit, file)])
  return compareBundles(readTarGz(older), readTarGz(newer))
}

async function revisionAt(root: string, commit: string, file: string): Promise<string | undefined> {
  try {
    const text = (await runGit(root, ['show', `${commit}:./${bundlesFolder}/${lockFile}`])).toString('utf8')
    const { bundles } = JSON.parse(text) as { bundles?: Record<string, { revision?: unknown }> }
    const revision = bundles?.[file]?.revision
    return typeof revision === 'string' ? revision : undefined
  } catch {
    // a commit that removed the bundles, or broke the lock file
    return undefined
  }
}
