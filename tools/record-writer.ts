/** `tsx tools/record-writer.ts`: compiles src/policy/opa-wasm/assembly/record-writer.ts to the module that record-writer-module.ts holds. A test compares the two. */
import { writeFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'

const source = 'src/policy/opa-wasm/assembly/record-writer.ts'
const target = new URL('../src/policy/opa-wasm/record-writer-module.ts', import.meta.url)
const root = new URL('..', import.meta.url)
const lineLength = 110

/** The text of record-writer-module.ts. @throws with the compiler's words */
export async function recordWriterModule(): Promise<string> {
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--outFile', 'record-writer.wasm']
  const written = new Map<string, string | Uint8Array>()
  const { error, stderr } = await asc.main([source, '--baseDir', root.pathname, ...options], {
    writeFile: (name, contents) => {
      written.set(name, contents)
    },
  })
  if (error !== null) throw new Error(`${source} does not compile:\n${stderr.toString()}`)
  return moduleText(Buffer.from(written.get('record-writer.wasm')!))
}

function moduleText(wasm: Buffer): string {
  const lines = wasm.toString('base64').match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []
  return `/** assembly/record-writer.ts compiled, in base64: written by \`make record-writer\`, not by hand. */
export const recordWriterModule =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`
}

if (process.argv[1] === new URL(import.meta.url).pathname) await writeFile(target, await recordWriterModule())
