/**
 * `tsx tools/dataproduct-schemas.ts`: writes schemas/dataproduct/, the JSON Schemas for editors, and validators/, the same ones
 * compiled, so that nothing is compiled when a check starts. A test compares both with the source.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Ajv2019 as Ajv } from 'ajv/dist/2019.js'
import { default as standalone } from 'ajv/dist/standalone/index.js'
import { default as formats } from 'ajv-formats'
import { build } from 'esbuild'
import { type SchemaName, schemas } from '../src/dataproduct/schema/schemas.ts'

export const rootFolder = new URL('..', import.meta.url)

/** File names below the root, and what has to stand in them. */
export async function dataproductSchemaFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const name of Object.keys(schemas) as SchemaName[]) {
    const schema = schemas[name]()
    files.set(`schemas/dataproduct/${name}.json`, `${JSON.stringify(schema, undefined, 2)}\n`)
    files.set(`validators/${name}.cjs`, await compiled(schema))
  }
  return files
}

async function compiled(schema: object): Promise<string> {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    // The standards name the type beside a reference or a branch, not in it.
    strictTypes: false,
    strictRequired: false,
    inlineRefs: false,
    messages: false,
    code: { source: true },
  })
  formats.default(ajv)
  const code = standalone.default(ajv, ajv.compile(schema))
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(rootFolder), sourcefile: 'validator.cjs' },
    bundle: true,
    minify: true,
    charset: 'utf8',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    write: false,
  })
  return `/* Written by tools/dataproduct-schemas.ts. */\n${outputFiles[0]!.text}`
}

if (import.meta.url === `file://${process.argv[1]}`) {
  for (const folder of ['schemas/dataproduct/', 'validators/'])
    await mkdir(new URL(folder, rootFolder), { recursive: true })
  for (const [name, content] of await dataproductSchemaFiles()) await writeFile(new URL(name, rootFolder), content)
}
