/** The package as another project has it: joined into few files, installed elsewhere, and run by Node alone. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessBundleFile } from './support/hr.ts'
import { build, tarGz } from './support/opa.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: string
let home: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
  home = join(folder, 'node_modules/portcullis')
  mkdirSync(home, { recursive: true })
  cpSync(join(root, 'package.json'), join(home, 'package.json'))
  execFileSync(process.execPath, ['--import', 'tsx', join(root, 'tools/build.ts'), join(home, 'dist')], { cwd: root })
  symlinkSync(join(root, 'node_modules/re2js'), join(folder, 'node_modules/re2js'))
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(name: string, text: string, ...args: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return execFileSync(process.execPath, [file, ...args], { encoding: 'utf8' })
}

function bundleOf(rego: string): string {
  const built = build({ 'p.rego': `package p\n\n# METADATA\n# entrypoint: true\n${rego}\n` }, ['p/r'])
  const file = join(folder, 'bundle.tar.gz')
  writeFileSync(file, tarGz({ '.manifest': built.manifest, 'data.json': built.data, 'policy.wasm': built.wasm }))
  return file
}

const decide = `
import { Module } from 'node:module'
import { loadBundle } from 'portcullis/policy'
const answer = loadBundle(process.argv[2]).evaluate({ text: 'abc' })
console.log(JSON.stringify({ answer, builtins: Object.keys(Module._cache).some((file) => file.endsWith('builtins.cjs')) }))
`

describe('the package', () => {
  test('runs the example', () => {
    const example = readFileSync(join(root, 'examples/policy-engine/decide.mjs'), 'utf8')
    const lines = run('example.mjs', example, accessBundleFile).trimEnd().split('\n')
    expect(lines).toEqual([
      'entrypoints: access/user, access/resource, access/record, access/attached, access/guard',
      'active: true, allow: true',
      'active: false, allow: false',
    ])
  })

  test('loads the built-ins for a policy that names one, and for no other', () => {
    expect(JSON.parse(run('a.mjs', decide, bundleOf('r := count(input.text)')))).toEqual({ answer: 3, builtins: false })
    expect(JSON.parse(run('b.mjs', decide, bundleOf('r := hex.encode(input.text)')))).toEqual({
      answer: '616263',
      builtins: true,
    })
  })

  test('finds the library that a built-in needs', () => {
    const file = bundleOf('r := regex.replace(input.text, "[bc]+", "x")')
    expect(JSON.parse(run('c.mjs', decide, file))).toEqual({ answer: 'ax', builtins: true })
  })

  test('says its version without any other package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    const said = execFileSync(process.execPath, [join(home, 'dist/bundled/main.js'), '--version'], { encoding: 'utf8' })
    expect(said).toBe(`${version}\n`)
  })

  test('gives each line of its files a place in the sources', () => {
    const map = JSON.parse(readFileSync(join(home, 'dist/bundled/policy.js.map'), 'utf8')) as { sources: string[] }
    expect(map.sources.some((source) => source.endsWith('src/policy/opa-wasm/instance.ts'))).toBe(true)
  })
})
