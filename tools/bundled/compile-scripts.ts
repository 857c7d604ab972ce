/** Compiles the scripts of `dist/bundled/` beforehand, by running them once as they are run later. */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { starterFiles } from '../../src/dataproduct/starter.ts'

/** Each version of a standard has a validator of its own. */
const otherVersions = [
  ['v3.1.0', 'v3.0.2'],
  ['v3.1.0', 'v3.2.0'],
  ['v1.0.0', 'v1.1.0'],
] as const

/** In a process of its own, since V8 takes a cache only where its own flags are the same. A checkout without bundles gets caches that hold less. */
export async function compileScripts(root: string, out: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-'))
  try {
    const program = join(folder, 'write-caches.cjs')
    await build({
      bundle: true,
      platform: 'node',
      format: 'cjs',
      entryPoints: [join(root, 'tools/bundled/write-caches.ts')],
      outfile: program,
    })
    await writeProducts(folder)
    const bundle = (name: string) => join(root, 'bundles', name)
    const check = ['check', folder, '--policy', bundle('dataproduct.tar.gz')]
    execFileSync(process.execPath, [program, out, bundle('access.tar.gz'), ...check], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeProducts(folder: string): Promise<void> {
  const files = starterFiles({ name: 'product', domain: 'hr', now: new Date(0), newId: randomUUID })
  for (const [name, text] of files) {
    await writeFile(join(folder, name), text)
    for (const [version, other] of otherVersions)
      if (text.includes(`apiVersion: ${version}`))
        await writeFile(
          join(folder, `${other}-${name}`),
          text.replace(`apiVersion: ${version}`, `apiVersion: ${other}`),
        )
  }
}
