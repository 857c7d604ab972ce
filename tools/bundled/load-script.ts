/**
 * Loads a script of `dist/bundled/`, with what V8 compiled of it when it was built: half of a short run's time is compiling. The cache is taken only if it belongs
 * to this very text and this very V8; otherwise the script is compiled as any other.
 */
import type { Module } from 'node:module'
import type { Script } from 'node:vm'

export type Loaded = { readonly file: string; readonly source: Buffer; readonly script: Script }
export type Load = (file: string) => unknown
type Run = (
  exports: unknown,
  require: NodeJS.Require,
  module: Module,
  file: string,
  folder: string,
  loadScript: Load,
) => void

/** Of CRC-32, in front of what V8 made. */
const checksumBytes = 4

// `import` of these takes milliseconds more, since it looks up all that they export
const { readFileSync } = process.getBuiltinModule('node:fs')
const { basename, dirname, join } = process.getBuiltinModule('node:path')
const modules = process.getBuiltinModule('node:module')

/** Scripts are CommonJS, named by absolute paths, loaded once, and given this function as `loadScript`. `caches`: the folder of caches. */
export function createLoader(caches: string, observe?: (loaded: Loaded) => void): Load {
  return function loadScript(file) {
    const require = modules.createRequire(file)
    const known = require.cache[file]
    if (known !== undefined) return known.exports
    const source = readFileSync(file)
    const script = compile(file, source, join(caches, cacheName(file)))
    const module = new modules.Module(file)
    module.filename = file
    require.cache[file] = module
    try {
      const run = script.runInThisContext() as Run
      run.call(module.exports, module.exports, require, module, file, dirname(file), loadScript)
    } catch (error) {
      delete require.cache[file]
      throw error
    }
    module.loaded = true
    observe?.({ file, source, script })
    return module.exports
  }
}

export function cacheName(file: string): string {
  return `${basename(file)}.cache`
}

/** What the cache of a script holds, when V8 has compiled what is needed of it. */
export function cacheOf({ source, script }: Loaded): Buffer {
  const compiled = script.createCachedData()
  const checksum = Buffer.alloc(checksumBytes)
  checksum.writeUInt32LE(checksumOf(source, compiled))
  return Buffer.concat([checksum, compiled])
}

function compile(file: string, source: Buffer, cache: string): Script {
  const { Script } = process.getBuiltinModule('node:vm')
  const cachedData = readCache(cache, source)
  const text = source.toString(process.getBuiltinModule('node:buffer').isAscii(source) ? 'latin1' : 'utf8')
  const wrapped = `(function (exports, require, module, __filename, __dirname, loadScript) { ${text}\n})`
  return new Script(wrapped, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) })
}

/** Of the text, V8 itself compares no more than the length. */
function readCache(cache: string, source: Buffer): Buffer | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(cache)
  } catch {
    return undefined
  }
  const compiled = bytes.subarray(checksumBytes)
  const matches = bytes.length > checksumBytes && bytes.readUInt32LE() === checksumOf(source, compiled)
  return matches ? compiled : undefined
}

function checksumOf(source: Buffer, compiled: Buffer): number {
  const { crc32 } = process.getBuiltinModule('node:zlib')
  return crc32(compiled, crc32(source))
}
