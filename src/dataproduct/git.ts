/** Reads files of another revision by asking git: nothing of the checkout is touched. */
import { execFile, spawn } from 'node:child_process'
import { PortcullisError } from '../domain/errors.ts'

export const gitTimeoutMs = 60_000
export const gitOutputBytesMax = 256 * 1_048_576

export type BaseFile = {
  /** From the root of the repository. */
  readonly path: string
  readonly bytes: Uint8Array
}

export type Base = { readonly commit: string; readonly files: readonly BaseFile[] }

/**
 * Files below `paths` (from the root; none: everything) as they were where `ref` and HEAD parted, or at `ref` where they have no common history here.
 * A file that has been moved into `paths` since is read from where it was.
 * @throws git.failed
 */
export async function readBase(
  root: string,
  ref: string,
  paths: readonly string[],
  wanted: (path: string) => boolean,
): Promise<Base> {
  if (ref.startsWith('-') || ref === '') throw failed(`${ref}: this cannot be the name of a revision`)
  const tip = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]).catch(() => {
    throw failed(
      `the base ${ref} cannot be reached in this checkout. Fetch it first (in CI: fetch-depth: 0, or git fetch origin ${ref})`,
    )
  })
  const parted = await git(root, ['merge-base', tip.trim(), 'HEAD']).catch(() => tip)
  const commit = parted.trim()
  const pathspecs = paths.filter((path) => path !== '').map((path) => `:(top,literal)${path}`)
  const listed = await git(root, ['ls-tree', '-r', '-z', '--full-tree', commit])
  const moved = await movedFrom(root, commit, pathspecs)
  const entries = listed
    .split('\0')
    .flatMap(entryOf)
    .filter(({ path }) => wanted(path) && (isBelow(path, paths) || moved.has(path)))
  return { commit, files: await readBlobs(root, entries) }
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

/** Former paths of files that lie below the pathspecs now. */
async function movedFrom(root: string, commit: string, pathspecs: readonly string[]): Promise<ReadonlySet<string>> {
  const former = new Set<string>()
  if (pathspecs.length === 0) return former
  const fields = (await git(root, ['diff', '--name-status', '-z', '-M', '--diff-filter=R', commit])).split('\0')
  const folders = pathspecs.map((pathspec) => pathspec.slice(':(top,literal)'.length))
  for (let at = 0; at + 2 < fields.length; at += 3) if (isBelow(fields[at + 2]!, folders)) former.add(fields[at + 1]!)
  return former
}

/** One process for all of them. */
async function readBlobs(root: string, entries: readonly Entry[]): Promise<readonly BaseFile[]> {
  if (entries.length === 0) return []
  const output = await batch(root, entries.map(({ object }) => `${object}\n`).join(''))
  const files: BaseFile[] = []
  let at = 0
  for (const { path } of entries) {
    const end = output.indexOf(10, at)
    const size = Number(/^[0-9a-f]+ blob (\d+)$/u.exec(output.toString('latin1', at, end))?.[1] ?? Number.NaN)
    if (!Number.isSafeInteger(size)) throw failed(`${path} of the base cannot be read`)
    files.push({ path, bytes: output.subarray(end + 1, end + 1 + size) })
    at = end + 1 + size + 1
  }
  return files
}

function batch(root: string, input: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['cat-file', '--batch'], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: gitTimeoutMs,
    })
    const chunks: Buffer[] = []
    let length = 0
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > gitOutputBytesMax) child.kill()
      else chunks.push(chunk)
    })
    child.on('error', (cause) => reject(failed('git cannot be run', cause)))
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(chunks)) : reject(failed('git cat-file failed'))))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

function git(root: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...args],
      { cwd: root, timeout: gitTimeoutMs, maxBuffer: gitOutputBytesMax, encoding: 'utf8' },
      (error, stdout) => (error === null ? resolve(stdout) : reject(failed(`git ${args[0]} failed`, error))),
    )
  })
}

function failed(message: string, cause?: unknown): PortcullisError {
  return new PortcullisError('tool.failed', { message: `git: ${message}.`, cause })
}
