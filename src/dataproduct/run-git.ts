/** Runs git in a folder; nothing of the checkout is changed by what is asked of it here. */
import { execFile } from 'node:child_process'
import { PortcullisError } from '../domain/errors.ts'

export const gitTimeoutMs = 60_000
export const gitOutputBytesMax = 256 * 1_048_576

/** What git sets for its hooks: in another folder it would lead back to the repository of the hook. */
const ofHooks = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_NAMESPACE']

/** The environment of this process, but for what would make git look elsewhere than in the folder it is run in. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofHooks.includes(name)))
}

/** What git prints, at most `gitOutputBytesMax`. @throws tool.failed with what git complains of */
export async function runGit(folder: string, args: readonly string[], input = ''): Promise<Buffer> {
  const { stdout, error, complaint } = await run(folder, args, input)
  if (error === undefined) return stdout
  throw gitFailed(`${args[0]}: ${complaint === '' ? reasonOf(error) : complaint}`, error)
}

/** As `runGit`; undefined where git's answer is no: it ends with 1 and complains of nothing. @throws tool.failed */
export async function askGit(folder: string, args: readonly string[]): Promise<Buffer | undefined> {
  const { stdout, error, complaint } = await run(folder, args, '')
  if (error === undefined) return stdout
  if (error.code === 1 && complaint === '') return undefined
  throw gitFailed(`${args[0]}: ${complaint === '' ? reasonOf(error) : complaint}`, error)
}

export function gitFailed(message: string, cause?: unknown): PortcullisError {
  return new PortcullisError('tool.failed', { message: `git ${message}`, cause })
}

type GitError = Error & { readonly code?: unknown; readonly killed?: boolean }
type Ran = { readonly stdout: Buffer; readonly error: GitError | undefined; readonly complaint: string }

function run(folder: string, args: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      ['-C', folder, ...args],
      { timeout: gitTimeoutMs, maxBuffer: gitOutputBytesMax, encoding: 'buffer', env: gitEnvironment() },
      (error, stdout, stderr) =>
        resolve({ stdout, error: error ?? undefined, complaint: firstLine(stderr.toString('utf8')) }),
    )
    // git may end before it has read all of it; how it ended says why
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? '').replace(/^(?:fatal|error): /u, '').trim()
}

function reasonOf({ code, killed }: GitError): string {
  if (code === 'ENOENT') return 'it is not installed, or the folder is not there'
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `more than ${gitOutputBytesMax} bytes`
  if (killed === true) return `no answer within ${gitTimeoutMs / 1_000} s`
  return `it ended with ${String(code)}`
}
