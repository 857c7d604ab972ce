import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { BuiltinError } from '../../../src/policy/opa-wasm/builtins/builtin.ts'
import { nondeterministicBuiltins } from '../../../src/policy/opa-wasm/builtins/nondeterministic.ts'
import { createBuiltins } from '../../../src/policy/opa-wasm/builtins/registry.ts'
import { createInstance } from '../../../src/policy/opa-wasm/instance.ts'
import { wasm } from '../../../src/policy/opa-wasm/wasm.ts'
import { build, findOpa } from '../support/opa.ts'

type Declared = {
  readonly name: string
  readonly infix?: string
  readonly deprecated?: boolean
  readonly relation?: boolean
  readonly nondeterministic?: boolean
  readonly decl: { readonly args?: readonly unknown[] }
}

/** They reach out into the network, or need OPA's own parser. */
const refused = ['http.send', 'net.lookup_ip_addr', 'rego.parse_module']

function instanceOf(policy: string, builtins = createBuiltins()) {
  const { wasm: bytes } = build({ 'p.rego': `package p\n\n# METADATA\n# entrypoint: true\n${policy}\n` }, ['p/r'])
  return createInstance({ wasm: new wasm.Module(bytes), builtins })
}

describe('the built-ins that the host supplies', () => {
  test('are all that OPA has and WASM leaves to its host, but for those that are refused', () => {
    const output = execFileSync(findOpa(), ['capabilities', '--current'], { maxBuffer: 16 * 1_048_576 })
    const { builtins } = JSON.parse(output.toString('utf8')) as { builtins: readonly Declared[] }
    const calls = builtins
      .filter(({ name, infix, deprecated, relation }) => {
        const isCallable = infix === undefined && deprecated !== true && relation !== true
        return isCallable && !name.startsWith('internal.') && name !== 'print'
      })
      .map(({ name, decl }) => {
        const args = (decl.args ?? []).map((_, index) => `input.a${index}`)
        return `r["${name}"] := ${name}(${args.join(', ')})`
      })
    const ours = createBuiltins()
    const wanted = instanceOf(calls.join('\n\n')).builtinNames
    expect(wanted.length).toBeGreaterThan(90)
    expect(wanted.filter((name) => !ours.has(name))).toEqual(refused)
  })

  test('can be withheld by name, and an evaluation that reaches a withheld one is denied', () => {
    const builtins = createBuiltins({ withhold: nondeterministicBuiltins })
    for (const name of nondeterministicBuiltins) expect(builtins.has(name)).toBe(false)
    const instance = instanceOf('r if time.now_ns() > 0', builtins)
    expect(() => instance.evaluate('p/r', undefined)).toThrow(expect.objectContaining({ code: 'builtin.missing' }))
  })

  test('are called nondeterministic where OPA says so, and where they look at the clock', () => {
    const output = execFileSync(findOpa(), ['capabilities', '--current'], { maxBuffer: 16 * 1_048_576 })
    const { builtins } = JSON.parse(output.toString('utf8')) as { builtins: readonly Declared[] }
    const said = builtins.filter(({ nondeterministic }) => nondeterministic === true).map(({ name }) => name)
    expect(said.length).toBeGreaterThan(5)
    // OPA would fetch what a schema refers to; ours never does.
    const fetching = ['json.match_schema', 'json.verify_schema']
    expect(said.filter((name) => !nondeterministicBuiltins.includes(name))).toEqual(fetching)

    const clocked: string[] = []
    for (const [name, builtin] of createBuiltins({ withhold: nondeterministicBuiltins })) {
      const context = { random: (length: number) => new Uint8Array(length), memory: new Map<string, unknown>() }
      const watched = Object.defineProperty({ ...context, now: 0n }, 'now', { get: () => BigInt(clocked.push(name)) })
      for (const text of ['x', '-----BEGIN x']) {
        try {
          builtin([text, text, text, text], watched)
        } catch (error) {
          expect(error).toBeInstanceOf(BuiltinError)
        }
      }
    }
    expect(clocked).toEqual([])
  })

  test('fail an evaluation whose built-in fails, though the policy would allow by the undefined it sees', () => {
    const instance = instanceOf('r if not hex.decode(input.text)')
    expect(() => instance.evaluate('p/r', '{"text": "no hex"}')).toThrow(
      expect.objectContaining({ code: 'builtin.failed' }),
    )
    expect(instance.evaluate('p/r', '{"text": "00"}')).toBe('set()')
  })

  test('see strings that are not UTF-8 byte by byte', () => {
    const instance = instanceOf('r := [crypto.sha256(base64.decode("/w==")), hex.encode(base64.decode("/4Bh"))]')
    expect(instance.evaluate('p/r', undefined)).toBe(
      '{{"result": ["a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89", "ff8061"]}}',
    )
  })

  test('load no library until one is needed', () => {
    const registry = new URL('../../../src/policy/opa-wasm/builtins/registry.ts', import.meta.url).href
    const code = `
      import { createRequire } from 'node:module'
      const { createBuiltins } = await import('${registry}')
      const builtins = createBuiltins()
      const loaded = () => Object.keys(createRequire('${registry}').cache).join(' ')
      const before = loaded()
      builtins.get('regex.split')(['a', 'bab'], { memory: new Map() })
      console.log(JSON.stringify({ before, after: loaded() }))`
    const flags = ['--import', 'tsx', '--input-type=module', '-e', code]
    const output = JSON.parse(execFileSync(process.execPath, flags).toString('utf8')) as Record<string, string>
    expect(output['before']).not.toMatch(/graphql|re2js|js-yaml/)
    expect(output['after']).toMatch(/re2js/)
    expect(output['after']).not.toMatch(/graphql|js-yaml/)
  })
})
