/** Rego to WASM and to a plan, by OPA itself; what it writes is unpacked to be packed anew, byte for byte the same on every machine. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { PortcullisError } from '../domain/errors.ts'
import type { Opa } from './opa.ts'
import { capabilitiesFile, type Stage } from './stage.ts'

export const accessEntrypoints = [
  'access/user',
  'access/resource',
  'access/record',
  'access/attached',
  'access/guard',
] as const

export type Compiled = {
  readonly wasm: Buffer
  /** All data files in one. */
  readonly data: Buffer
  /** What OPA leaves of the sources beside the WASM: without the entrypoints, which it answers from there. */
  readonly rego: ReadonlyMap<string, Buffer>
  /** The member `wasm` of OPA's manifest: the entrypoints, with their annotations. */
  readonly resolvers: unknown
}

const tarBlockBytes = 512

/** @throws tool.failed with what OPA says of the sources */
export async function compileStage(
  opa: Opa,
  stage: Stage,
  names: readonly string[] = accessEntrypoints,
): Promise<Compiled> {
  const compiled = await build(opa, stage, 'wasm', names)
  const manifest = JSON.parse(fileOf(compiled, '.manifest').toString('utf8')) as { readonly wasm?: unknown }
  return {
    wasm: fileOf(compiled, 'policy.wasm'),
    data: fileOf(compiled, 'data.json'),
    rego: new Map([...compiled].filter(([path]) => path.endsWith('.rego'))),
    resolvers: manifest.wasm,
  }
}

/** What access rules are to OPA before they are WASM. @throws tool.failed with what OPA says of the sources */
export async function planStage(opa: Opa, stage: Stage): Promise<Buffer> {
  return fileOf(await build(opa, stage, 'plan', accessEntrypoints), 'plan.json')
}

function fileOf(files: ReadonlyMap<string, Buffer>, path: string): Buffer {
  const bytes = files.get(path)
  if (bytes === undefined) throw new PortcullisError('tool.failed', { message: `opa build: it wrote no ${path}.` })
  return bytes
}

async function build(
  opa: Opa,
  stage: Stage,
  target: 'wasm' | 'plan',
  names: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const output = join(stage.folder, `${target}.tar.gz`)
  const entrypoints = names.flatMap((entrypoint) => ['-e', entrypoint])
  const args = [
    'build',
    '-t',
    target,
    '--capabilities',
    `../${capabilitiesFile}`,
    ...entrypoints,
    '-o',
    output,
    '-b',
    '.',
  ]
  const { ok, stderr } = await opa.run(args, { cwd: stage.sources })
  if (!ok) throw new PortcullisError('tool.failed', { message: `opa build -t ${target}: ${stderr.trim()}` })
  return unpack(gunzipSync(await readFile(output)))
}

/** Of what OPA has just written: short paths, regular files only. */
function unpack(tar: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (let at = 0; at + tarBlockBytes <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8)
    const type = String.fromCharCode(tar[at + 156]!)
    if (type !== '0' || !Number.isSafeInteger(size))
      throw new PortcullisError('tool.failed', { message: 'opa build: it wrote a bundle that cannot be read.' })
    const name = [textAt(tar, at + 345, 155), textAt(tar, at, 100)].filter((part) => part !== '').join('/')
    files.set(name.replace(/^\/+/, ''), tar.subarray(at + tarBlockBytes, at + tarBlockBytes + size))
    at += tarBlockBytes + Math.ceil(size / tarBlockBytes) * tarBlockBytes
  }
  return files
}

function textAt(tar: Buffer, start: number, length: number): string {
  const field = tar.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? length : end)
}
