/**
 * Writes the caches of the scripts in `dist/bundled/`, after a check and a decision: so that they hold what these have compiled.
 *
 *   node write-caches.cjs <dist/bundled> <bundle of access rules> <arguments of portcullis…>
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheName, cacheOf, createLoader, type Loaded } from './load-script.ts'

type Engine = typeof import('../../src/policy/opa-wasm/index.ts')

const [, , caches = '', access = '', ...args] = process.argv
const loaded: Loaded[] = []
const loadScript = createLoader(caches, (one) => loaded.push(one))

const { loadBundle } = loadScript(join(caches, 'policy.cjs')) as Engine
if (existsSync(access)) {
  const policy = loadBundle(access)
  policy.evaluate({ user: { id: 'a', active: true, roles: [], attributes: {} }, now: 0 }, policy.entrypoints[0])
}
process.argv = [process.execPath, 'portcullis', ...args]
process.on('exit', () => {
  // what was found is no matter here
  process.exitCode = 0
  for (const one of loaded) writeFileSync(join(caches, cacheName(one.file)), cacheOf(one))
})
loadScript(join(caches, 'quick.cjs'))
