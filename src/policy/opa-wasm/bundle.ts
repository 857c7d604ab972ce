/** A bundle as OPA builds it: what its manifest says, and its files. Malformed is refused, never guessed. */
import { readFileSync } from 'node:fs'
import { PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import { checkJsonBytes } from './json-check.ts'
import { inputDepthMax } from './json-text.ts'
import { readTarGz } from './tar.ts'
import { type WasmModule, wasm } from './wasm.ts'
import { meterModule } from './wasm-meter.ts'

const [openBrace, newline] = [0x7b, 0x0a] as const

export type Bundle = {
  readonly revision: string
  /** Slash-separated prefixes of `data`; `''` is all of it. */
  readonly roots: readonly string[]
  readonly entrypoints: readonly string[]
  /** Of the manifest, unread. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly module: WasmModule
  /** data.json, strictly checked. */
  readonly data: Buffer
  /** plan.json, unread. */
  readonly plan: Buffer | undefined
  readonly files: ReadonlyMap<string, Buffer>
}

/** `interruptible: false` saves the time of making it so, for who can wait or be stopped. @throws bundle.missing when there is no such file; bundle.corrupt with what is wrong */
export function readBundle(source: string | Uint8Array, { interruptible = true } = {}): Bundle {
  const files = readTarGz(typeof source === 'string' ? readFile(source) : source)
  for (const path of files.keys())
    if (/(?:^|\/)data\.(?:json|ya?ml)$/.test(path) && path !== 'data.json')
      throw corrupt(
        `${path}: data is read from data.json at the root alone; build the bundle with opa build, which puts it there`,
      )
  const manifest = parseObject(files.get('.manifest'), '.manifest')
  const module = compile(files.get('policy.wasm'), interruptible)
  const data = files.get('data.json') ?? Buffer.from('{}')
  const document = parseObject(data, 'data.json')
  const roots = rootsOf(manifest)
  for (const key of Object.keys(document))
    if (!roots.some((root) => root === '' || root === key || root.startsWith(`${key}/`)))
      throw corrupt(`data.json: holds data outside the roots of the bundle`)
  return {
    revision: typeof manifest.revision === 'string' ? manifest.revision : '',
    roots,
    entrypoints: entrypointsOf(manifest),
    metadata: isRecord(manifest.metadata) ? manifest.metadata : {},
    module,
    data,
    plan: files.get('plan.json'),
    files,
  }
}

/** Of what the manifest names, nothing must be missing in the module. @throws bundle.corrupt */
export function checkEntrypoints(named: readonly string[], compiled: readonly string[]): void {
  for (const entrypoint of named)
    if (!compiled.includes(entrypoint))
      throw corrupt(`.manifest: wasm: entrypoint ${entrypoint}: policy.wasm was compiled without it`)
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new PortcullisError('bundle.missing', { cause })
  }
}

/** @throws bundle.corrupt */
export function compile(bytes: Uint8Array | undefined, interruptible = true): WasmModule {
  if (bytes === undefined) throw corrupt('policy.wasm: missing; build the bundle with -t wasm')
  try {
    return new wasm.Module(interruptible ? meterModule(bytes) : bytes)
  } catch (cause) {
    if (cause instanceof PortcullisError) throw cause
    throw new PortcullisError('bundle.corrupt', {
      message:
        'The policy bundle is corrupt: policy.wasm: not WebAssembly, or not valid: cut off, changed, or compiled wrongly.',
      cause,
    })
  }
}

export function parseObject(bytes: Buffer | undefined, name: string): Readonly<Record<string, unknown>> {
  if (bytes === undefined) throw corrupt(`${name}: missing`)
  const plain = parsePlain(bytes)
  if (plain !== undefined) return plain
  try {
    checkJsonBytes(bytes)
  } catch (error) {
    throw new PortcullisError('bundle.corrupt', {
      message: `The policy bundle is corrupt: ${name}: not strict JSON.`,
      cause: toPortcullisError(error),
    })
  }
  const value: unknown = JSON.parse(bytes.toString('utf8'))
  if (!isRecord(value)) throw corrupt(`${name}: not an object`)
  return value
}

/**
 * An object in JSON just as `JSON.stringify` indents it, byte for byte: no key can be there twice, no number has digits that are lost, and no text is none. It is a
 * tenth of the time of a check that is not warm. Undefined: whatever else, which is to be checked.
 */
function parsePlain(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (bytes[0] !== openBrace || bytes[1] !== newline) return undefined
  // nested deeper than a check lets pass, or half a surrogate pair
  if (bytes.includes(' '.repeat(2 * inputDepthMax)) || bytes.includes('\\ud')) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return isRecord(value) && Buffer.from(`${JSON.stringify(value, null, 2)}\n`).equals(bytes) ? value : undefined
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

export function corrupt(why: string): PortcullisError {
  return new PortcullisError('bundle.corrupt', { message: `The policy bundle is corrupt: ${why}.` })
}

export function refused(why: string): PortcullisError {
  return new PortcullisError('bundle.refused', { message: `The policies were refused: ${why}.` })
}

function rootsOf(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const { roots = [''] } = manifest
  if (!isStrings(roots) || roots.length === 0) throw corrupt('.manifest: roots: expected a list of paths')
  return roots
}

function entrypointsOf(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const { wasm: resolvers = [] } = manifest
  if (!Array.isArray(resolvers)) throw corrupt('.manifest: wasm: expected a list')
  return resolvers.map((resolver: unknown) => {
    if (!isRecord(resolver) || typeof resolver.entrypoint !== 'string' || resolver.module !== '/policy.wasm')
      throw corrupt('.manifest: wasm: expected entrypoints of /policy.wasm')
    return resolver.entrypoint
  })
}
