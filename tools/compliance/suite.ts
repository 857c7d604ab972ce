/** OPA's own conformance cases, compiled: made once by tools/compliance/main.go, kept in the cache folder, and made anew when what makes them changes. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { access, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { runCommand } from '../run-command.ts'

/** One line of the index; input and data are texts in OPA's value format. */
export type ComplianceCase = {
  readonly file: string
  readonly note: string
  readonly query: string
  readonly modules: readonly string[]
  readonly data?: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly strictError?: boolean
  readonly sortBindings?: boolean
  readonly ignoreGeneratedVars?: boolean
  readonly wantResult?: string
  readonly wantDefined?: boolean
  readonly wantErrorCode?: string
  readonly wantError?: string
  /** Why OPA could not compile it. */
  readonly compileError?: string
  readonly wasm: Slice
  readonly plan: Slice
}

type Slice = readonly [offset: number, length: number]

export type ComplianceSuite = {
  readonly cases: readonly ComplianceCase[]
  wasmOf(given: ComplianceCase): Uint8Array
  planOf(given: ComplianceCase): string
  [Symbol.dispose](): void
}

const MINUTE_MS = 60_000
const compileTimeoutMs = 15 * MINUTE_MS
const toolsFolder = join(import.meta.dirname, '..')

/** Takes about a minute where the cache doesn't have it. */
export async function openComplianceSuite(): Promise<ComplianceSuite> {
  const folder = await compiledFolder()
  const index = await readFile(join(folder, 'index.ndjson'), 'utf8')
  const blob = openSync(join(folder, 'blob'), 'r')
  const read = ([offset, length]: Slice) => {
    const bytes = Buffer.alloc(length)
    readSync(blob, bytes, 0, length, offset)
    return gunzipSync(bytes)
  }
  return {
    cases: index
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ComplianceCase),
    wasmOf: (given) => read(given.wasm),
    planOf: (given) => read(given.plan).toString('utf8'),
    [Symbol.dispose]: () => closeSync(blob),
  }
}

async function compiledFolder(): Promise<string> {
  const folder = join(cacheFolder(), `compliance-${await fingerprint()}`)
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  if (!isThere) await compile(folder)
  return folder
}

function cacheFolder(): string {
  const { PORTCULLIS_CACHE, XDG_CACHE_HOME } = process.env
  return PORTCULLIS_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'portcullis')
}

/** Of everything that the result depends on: the program and the versions it is built with. */
async function fingerprint(): Promise<string> {
  const program = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.go')).sort()
  const hash = createHash('sha256')
  for (const file of [...program.map((name) => join('compliance', name)), 'go.mod', 'go.sum']) {
    hash.update(await readFile(join(toolsFolder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function compile(folder: string): Promise<void> {
  const go = await succeed(join(toolsFolder, 'ensure'), ['go'])
  await succeed(go.trim(), ['run', '-C', toolsFolder, './compliance', folder])
}

async function succeed(program: string, args: readonly string[]): Promise<string> {
  const { ok, stdout, stderr } = await runCommand(program, args, { timeoutMs: compileTimeoutMs })
  if (!ok) throw new Error(`the compliance suite could not be compiled: ${stderr}`)
  return stdout
}
