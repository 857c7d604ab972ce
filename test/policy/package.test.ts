/** The package as another project has it: joined into few files, installed elsewhere, and run by Node alone. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quickCommands } from '../../src/cli/quick-commands.ts'
import { starterFiles } from '../../src/dataproduct/starter.ts'
import { families } from '../../src/policy/opa-wasm/builtins/registry.ts'
import * as engine from '../../src/policy/opa-wasm/index.ts'
import { accessBundleFile } from './support/hr.ts'
import { build, tarGz } from './support/opa.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: string
let home: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
  home = join(folder, 'node_modules/portcullis')
  mkdirSync(home, { recursive: true })
  for (const part of ['package.json', 'bin', 'bundles', 'validators', 'schemas'])
    cpSync(join(root, part), join(home, part), { recursive: true })
  execFileSync(process.execPath, ['--import', 'tsx', join(root, 'tools/build.ts'), join(home, 'dist')], { cwd: root })
  for (const name of ['re2js', 'ajv']) symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  let id = 0
  const newId = () => `00000000-0000-4000-8000-00000000000${(id += 1)}`
  const products = starterFiles({ name: 'product', domain: 'hr', now: new Date('2026-06-01'), newId })
  for (const [name, text] of products) writeFileSync(join(folder, name), text)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(name: string, text: string, ...args: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return execFileSync(process.execPath, [file, ...args], { encoding: 'utf8' })
}

/** The program as it is installed. */
function portcullis(args: readonly string[], options: readonly string[] = []): string {
  return execFileSync(process.execPath, [...options, join(home, 'bin/portcullis'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
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

  test('exports what the engine does', () => {
    const names = run('names.mjs', `console.log(Object.keys(await import('portcullis/policy')).join())`)
    expect(names.trimEnd().split(',')).toEqual(Object.keys(engine).sort())
  })

  test('has every built-in in the family where it is looked for', () => {
    const named = Object.entries(families).flatMap(([family, all]) => Object.keys(all).map((name) => [family, name]))
    const text = `
      const { builtinOf } = require(${JSON.stringify(join(home, 'dist/bundled/builtins.cjs'))})
      const named = ${JSON.stringify(named)}
      console.log(JSON.stringify(named.filter(([family, name]) => typeof builtinOf(family, name) === 'function')))
    `
    expect(named.length).toBeGreaterThan(90)
    expect(JSON.parse(run('all.cjs', text))).toEqual(named)
  })

  test('says its version without any other package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    const said = execFileSync(process.execPath, [join(home, 'dist/bundled/main.js'), '--version'], { encoding: 'utf8' })
    expect(said).toBe(`${version}\n`)
    expect(portcullis(['--version'])).toBe(`${version}\n`)
  })

  test('checks data products, with what was compiled beforehand and without', () => {
    const said = portcullis(['check', 'product.contract.yaml', 'product.product.yaml'])
    expect(said).toMatch(/No findings in 2 files/)
    // V8 takes what was compiled only where its options were the same
    expect(portcullis(['check', 'product.contract.yaml', 'product.product.yaml'], ['--no-opt'])).toBe(said)
  })

  test('starts every quick command by the one script, and no other', () => {
    const program = readFileSync(join(home, 'bin/portcullis'), 'utf8')
    const named = [.../^const quick = \[(.*)\]/m.exec(program)![1]!.matchAll(/'([^']+)'/g)].map(([, name]) => name)
    expect(named).toEqual([...Object.keys(quickCommands), '--version', '-V'])
    for (const name of Object.keys(quickCommands))
      expect(portcullis([name, '--help'])).toContain(`Usage: portcullis ${name}`)
  })

  test('has what was compiled beforehand in a form that this Node takes', () => {
    const bundled = join(home, 'dist/bundled')
    const text = `
      const { createLoader } = require(${JSON.stringify(join(bundled, 'load-script.cjs'))})
      const taken = []
      const load = createLoader(${JSON.stringify(bundled)}, ({ file, script }) => {
        if (script.cachedDataRejected === false) taken.push(file.replace(/.*\\//, '') + '.cache')
      })
      process.on('exit', () => process.stderr.write(JSON.stringify(taken.sort())))
      load(${JSON.stringify(join(bundled, 'policy.cjs'))})
      for (const name of ['odcs-3.0', 'odcs-3.2', 'odps-1.1']) load(${JSON.stringify(home)} + '/validators/' + name + '.cjs')
      process.argv = [process.argv[0], 'portcullis', 'check', '.']
      load(${JSON.stringify(join(bundled, 'quick.cjs'))})
    `
    writeFileSync(join(folder, 'taken.cjs'), text)
    const { stderr } = spawnSync(process.execPath, ['taken.cjs'], { cwd: folder, encoding: 'utf8' })
    const written = readdirSync(bundled).filter((name) => name.endsWith('.cache'))
    expect(JSON.parse(stderr)).toEqual(written.sort())
    expect(written).toEqual(expect.arrayContaining(['builtins.cjs.cache', 'odcs-3.1.cjs.cache', 'quick.cjs.cache']))
  })

  test('gives each line of its files a place in the sources', () => {
    const map = JSON.parse(readFileSync(join(home, 'dist/bundled/policy.cjs.map'), 'utf8')) as { sources: string[] }
    expect(map.sources.some((source) => source.endsWith('src/policy/opa-wasm/instance.ts'))).toBe(true)
  })
})
