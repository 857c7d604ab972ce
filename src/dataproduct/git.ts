/** Reads files of another revision by asking git: nothing of the checkout is touched. */
import { askGit, gitFailed, runGit } from './run-git.ts'

export type BaseFile = {
  /** From the root of the repository. */
  readonly path: string
  readonly bytes: Uint8Array
}

export type Base = {
  readonly commit: string
  readonly files: readonly BaseFile[]
  /** Folders that are repositories of their own, from the root. */
  readonly submodules: readonly string[]
}

/**
 * Files below `paths` (from the root; none: everything) as they were where `ref` and HEAD parted, or at `ref` where they have no common history here.
 * A file that has been moved into `paths` since is read from where it was.
 * @throws tool.failed
 */
export async function readBase(
  root: string,
  ref: string,
  paths: readonly string[],
  wanted: (path: string) => boolean,
): Promise<Base> {
  const commit = await partedFrom(root, ref)
  const listed = (await runGit(root, ['ls-tree', '-r', '-z', '--full-tree', commit])).toString('utf8').split('\0')
  const moved = await movedFrom(root, commit, paths)
  const entries = listed
    .flatMap(entryOf)
    .filter(({ path }) => wanted(path) && (isBelow(path, paths) || moved.has(path)))
  const submodules = listed.flatMap((line) => /^160000 commit [0-9a-f]+\t(.+)$/su.exec(line)?.[1] ?? [])
  return { commit, files: await readBlobs(root, entries), submodules }
}

async function partedFrom(root: string, ref: string): Promise<string> {
  if (ref.startsWith('-') || ref === '') throw gitFailed(`has no revision with the name ${JSON.stringify(ref)}.`)
  const tip = await commitOf(root, ref)
  if (tip === undefined)
    throw gitFailed(
      `cannot reach the base ${ref} in this checkout. Fetch it first (in CI: fetch-depth: 0, or git fetch origin ${ref}).`,
    )
  // a branch without a commit has no history to share
  if ((await commitOf(root, 'HEAD')) === undefined) return tip
  const parted = await askGit(root, ['merge-base', tip, 'HEAD'])
  return parted === undefined ? tip : parted.toString('utf8').trim()
}

async function commitOf(root: string, ref: string): Promise<string | undefined> {
  const found = await askGit(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
  return found?.toString('utf8').trim()
}

type Entry = { readonly path: string; readonly object: string }

/** Regular files only: the target of a link is not followed into another revision. */
function entryOf(line: string): readonly Entry[] {
  const match = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/su.exec(line)
  return match === null ? [] : [{ object: match[1]!, path: match[2]! }]
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return (
    folders.length === 0 || folders.some((folder) => folder === '' || path === folder || path.startsWith(`${folder}/`))
  )
}

/** Former paths of files that lie below the folders now. */
async function movedFrom(root: string, commit: string, folders: readonly string[]): Promise<ReadonlySet<string>> {
  const former = new Set<string>()
  if (folders.includes('') || folders.length === 0) return former
  const listed = await runGit(root, ['diff', '--name-status', '-z', '-M', '--diff-filter=R', commit])
  const fields = listed.toString('utf8').split('\0')
  for (let at = 0; at + 2 < fields.length; at += 3) if (isBelow(fields[at + 2]!, folders)) former.add(fields[at + 1]!)
  return former
}

/** One process for all of them. */
async function readBlobs(root: string, entries: readonly Entry[]): Promise<readonly BaseFile[]> {
  if (entries.length === 0) return []
  const output = await runGit(root, ['cat-file', '--batch'], entries.map(({ object }) => `${object}\n`).join(''))
  const files: BaseFile[] = []
  let at = 0
  for (const { path } of entries) {
    const end = output.indexOf(10, at)
    const size = Number(/^[0-9a-f]+ blob (\d+)$/u.exec(output.toString('latin1', at, end))?.[1] ?? Number.NaN)
    if (!Number.isSafeInteger(size)) throw gitFailed(`cannot read ${path} of the base.`)
    files.push({ path, bytes: output.subarray(end + 1, end + 1 + size) })
    at = end + 1 + size + 1
  }
  return files
}
