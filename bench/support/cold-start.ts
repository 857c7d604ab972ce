/** What a process costs from its start to its end, by spawning it: Node with nothing to do, with one decision of a bundle, and the command line. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Distribution, distributionOf } from './statistics.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const spawns = 25

/** Milliseconds; the programs take turns. Needs dist/. */
export function coldStarts(): ReadonlyMap<string, Distribution> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
  try {
    const script = join(folder, 'decide.mjs')
    writeFileSync(script, decision())
    const programs: Readonly<Record<string, readonly string[]>> = {
      'node -e 0': ['-e', '0'],
      'loadBundle and one decision': [script],
      'portcullis --version': [join(root, 'bin/portcullis'), '--version'],
    }
    const figures = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]))
    for (let round = 0; round < spawns; round++)
      for (const [name, args] of Object.entries(programs)) {
        const startedAt = performance.now()
        const { status, stderr } = spawnSync(process.execPath, args)
        figures.get(name)!.push(performance.now() - startedAt)
        if (status !== 0) throw new Error(`${name}: ${stderr.toString()} (after "make build"?)`)
      }
    return new Map([...figures].map(([name, given]) => [name, distributionOf(given)]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function decision(): string {
  const engine = pathToFileURL(join(root, 'dist/bundled/policy.js')).href
  return `import { loadBundle } from ${JSON.stringify(engine)}
const policy = loadBundle(${JSON.stringify(join(root, 'bundles/access.tar.gz'))})
const user = { id: 'Alice', active: true, roles: ['HR'], attributes: {} }
const answer = policy.evaluate({ user, context: { purpose: 'SALARY' }, request: { resource: 'file:/data/hr/' }, now: 0 }, 'access/user')
if (answer.allow !== true) process.exit(1)
`
}
