/** A folder of its own with exactly the listed inputs: what OPA checks and compiles, so that nothing else of the checkout can get in. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { accessCapabilities } from './capabilities.ts'
import type { Opa } from './opa.ts'
import { inputSchemas, printSchema, schemasFolder } from './schemas.ts'
import { accessRoots, type Source } from './sources.ts'

/** Beside the folder of the sources. */
export const capabilitiesFile = 'capabilities.json'
const sourcesFolder = 'sources'

export type Stage = AsyncDisposable & {
  /** Holds the sources below their paths, and a manifest with the roots. */
  readonly sources: string
  /** Where what OPA builds can be put. */
  readonly folder: string
}

/** Of access rules, unless other roots and capabilities are given. */
export async function stageSources(
  opa: Opa,
  sources: readonly Source[],
  roots: readonly string[] = accessRoots,
  capabilitiesOf: (opa: Opa) => Promise<string> = accessCapabilities,
): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bundle-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const staged = join(folder, sourcesFolder)
    for (const { path, bytes } of sources) await put(join(staged, path), bytes)
    await put(join(staged, '.manifest'), JSON.stringify({ roots, rego_version: 1 }))
    for (const [path, schema] of inputSchemas) await put(join(folder, schemasFolder, path), printSchema(schema))
    await put(join(folder, capabilitiesFile), await capabilitiesOf(opa))
    return { folder, sources: staged, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}
