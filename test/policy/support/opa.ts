/** Real OPA for tests: builds bundles from Rego given as text, and evaluates with the interpreter. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readTarGz } from '../../../src/policy/opa-wasm/tar.ts'

export const opaVersion = '1.22.2'

/** `OPA`, the cache that `make` fills, or the search path. */
export function findOpa(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const cached = join(cache, 'portcullis', 'bin', `opa-${opaVersion}`, 'opa')
  return process.env.OPA ?? (existsSync(cached) ? cached : 'opa')
}

export type Sources = Readonly<Record<string, string>>

/** Runs `use` in a folder that holds these files and is gone afterwards. */
export function withFiles<Result>(files: Sources, use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type Built = { readonly wasm: Buffer; readonly plan: Buffer; readonly data: Buffer; readonly manifest: string }

/** The files that `opa build` makes of these sources, for WASM and with the plan. */
export function build(files: Sources, entrypoints: readonly string[]): Built {
  return withFiles(files, (folder) => {
    const target = (name: string): ReadonlyMap<string, Buffer> => {
      const out = join(folder, `${name}.tar.gz`)
      const flags = entrypoints.flatMap((entrypoint) => ['-e', entrypoint])
      const { status, stdout, stderr } = spawnSync(
        findOpa(),
        ['build', '-t', name, ...flags, '--ignore', '*.tar.gz', '-o', out, '.'],
        { cwd: folder, encoding: 'utf8' },
      )
      if (status !== 0) throw new Error(`opa build: ${stderr}${stdout}`)
      return readTarGz(readFileSync(out))
    }
    const compiled = target('wasm')
    const planned = target('plan')
    return {
      wasm: compiled.get('policy.wasm')!,
      plan: planned.get('plan.json')!,
      data: compiled.get('data.json')!,
      manifest: compiled.get('.manifest')!.toString('utf8'),
    }
  })
}

/** What `opa eval` answers for a query over these sources: the value of its first expression, undefined where there is none. */
export function evalQueries(
  files: Sources,
  queries: readonly { readonly query: string; readonly input: string }[],
): unknown[] {
  return withFiles(files, (folder) =>
    queries.map(({ query, input }) => {
      const output = execFileSync(findOpa(), ['eval', '--stdin-input', '--format', 'json', '-d', '.', query], {
        cwd: folder,
        input,
        maxBuffer: 64 * 1_048_576,
      })
      const { result } = JSON.parse(output.toString('utf8')) as { result?: { expressions: { value: unknown }[] }[] }
      return result?.[0]?.expressions[0]?.value
    }),
  )
}

/** A gzipped tar with names as OPA writes them. */
export function tarGz(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const blocks: Buffer[] = []
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content as Uint8Array)
    const header = Buffer.alloc(512)
    header.write(`/${name}`, 0, 100)
    header.write('0000644\0', 100)
    header.write('0000000\0', 108)
    header.write('0000000\0', 116)
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.write('        ', 148)
    header.write('0', 156)
    header.write('ustar\x0000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    blocks.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512))
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1_024)]))
}
