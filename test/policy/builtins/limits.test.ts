import { describe, expect, test } from 'vitest'
import { BuiltinError } from '../../../src/policy/opa-wasm/builtins/builtin.ts'
import { createBuiltins } from '../../../src/policy/opa-wasm/builtins/registry.ts'
import { objectOf, record, type Value } from '../../../src/policy/opa-wasm/value.ts'

const builtins = createBuiltins()

function call(name: string, ...args: readonly Value[]): Value | undefined {
  return builtins.get(name)!(args, { now: 0n, random: (length) => new Uint8Array(length), memory: new Map() })
}

/** What a policy, or an input that a policy hands on, could ask for without end. */
const hostile: readonly (readonly [what: string, name: string, args: readonly Value[]])[] = [
  ['more numbers than fit', 'numbers.range_step', [0, 10 ** 12, 1]],
  ['all addresses of a big network', 'net.cidr_expand', ['10.0.0.0/8']],
  [
    'a template that calls itself',
    'strings.render_template',
    ['{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', record({})],
  ],
  [
    'a template that counts for ever',
    'strings.render_template',
    ['{{range 999999}}{{range 999999}}x{{end}}{{end}}', record({})],
  ],
  ['a template nested too deep', 'strings.render_template', ['{{if 1}}'.repeat(10_000), record({})]],
  ['a schema that refers to itself', 'json.match_schema', [record({}), record({ $ref: '#' })]],
  ['YAML whose aliases multiply', 'yaml.unmarshal', [aliasBomb()]],
  ['YAML nested too deep', 'yaml.unmarshal', ['['.repeat(100_000)]],
  ['GraphQL nested too deep', 'graphql.parse_query', ['{a'.repeat(100_000)]],
  ['tokens in tokens', 'io.jwt.decode', [nestedToken()]],
  ['a certificate that is cut off', 'crypto.x509.parse_certificates', ['MIIDujCCAqKgAwIBAgIIE31FZVaPXTUwDQ==']],
  ['paths through a graph of all with all', 'graph.reachable_paths', [completeGraph(14), ['0']]],
]

function aliasBomb(): string {
  const levels = Array.from({ length: 30 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`)
  return `a0: &a0 [x]\n${levels.join('\n')}\nall: [${'*a30, '.repeat(2_000)}]`
}

function nestedToken(): string {
  const header = Buffer.from('{"alg":"none","cty":"JWT"}').toString('base64url')
  let token = `${header}.e30.`
  for (let level = 0; level < 40; level++)
    token = `${header}.${Buffer.from(token).toString('base64url').slice(0, 4_000)}.`
  return token
}

function completeGraph(size: number): Value {
  const nodes = Array.from({ length: size }, (_, index) => String(index))
  return objectOf(nodes.map((node) => [node, nodes]))
}

describe('built-ins have limits', () => {
  test.each(hostile)(
    '%s: %s refuses',
    (_what, name, args) => {
      expect(() => call(name, ...args)).toThrow(BuiltinError)
    },
    120_000,
  )

  test('a pattern that would backtrack for ever is matched in linear time', () => {
    expect(call('regex.find_n', '(a+)+$', `${'a'.repeat(50_000)}!`, -1)).toEqual([])
  }, 120_000)

  test('errors never come out as anything else than BuiltinErrors, whatever the operands are', () => {
    const values: readonly Value[] = [null, true, 0, -1, '', 'x', [], [null], record({}), record({ x: null })]
    const unexpected: string[] = []
    for (const [name, builtin] of builtins) {
      for (const a of values) {
        for (const b of values) {
          try {
            builtin([a, b, a, b], { now: 0n, random: (length) => new Uint8Array(length), memory: new Map() })
          } catch (error) {
            if (!(error instanceof BuiltinError)) unexpected.push(`${name}: ${String(error)}`)
            else if (error.cause instanceof TypeError) unexpected.push(`${name}: ${error.cause.message}`)
          }
        }
      }
    }
    expect([...new Set(unexpected)]).toEqual([])
  })
})
