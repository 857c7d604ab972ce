/** The package's export: an engine that is compiled beforehand. */
import { createLoader } from './load-script.ts'

type Engine = typeof import('../../src/policy/opa-wasm/index.ts')

const { fileURLToPath } = process.getBuiltinModule('node:url')

const engine = createLoader(fileURLToPath(new URL('.', import.meta.url)))(
  fileURLToPath(new URL('policy.cjs', import.meta.url)),
) as Engine

export const { createPolicy, loadBundle, readTarGz } = engine
