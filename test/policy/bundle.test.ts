/** Bundles that are missing, corrupt, or hold what may not be: refused at the start, with a code that says so. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadAccessEngine } from '../../src/policy/opa-wasm/engine.ts'
import { loadBundle } from '../../src/policy/opa-wasm/index.ts'
import { readTarGz } from '../../src/policy/opa-wasm/tar.ts'
import { accessBundle, hrMetadata, maskRules, openSchema, query, user, visible } from './support/access.ts'
import { build, type Sources, tarGz } from './support/opa.ts'
import { hrRules } from './support/rego.ts'
import { withCode } from './support/with-code.ts'

describe('a bundle', () => {
  let files: Readonly<Record<string, Buffer>>
  beforeAll(() => {
    files = Object.fromEntries(readTarGz(accessBundle()))
  })
  const loadFiles = (changes: Readonly<Record<string, string | Uint8Array | undefined>>) => {
    const kept = Object.entries({ ...files, ...changes }).filter(
      (entry): entry is [string, Buffer] => entry[1] !== undefined,
    )
    return loadAccessEngine({ bundle: tarGz(Object.fromEntries(kept)), masks: maskRules })
  }
  const manifest = (changes: object) =>
    JSON.stringify({ ...(JSON.parse(files['.manifest']!.toString()) as object), ...changes })

  const loadRules = (rules: ReturnType<typeof visible>) =>
    loadAccessEngine({ bundle: accessBundle({ rules }), masks: maskRules })

  test('that is missing, not an archive, or cut short is refused', () => {
    const load = (bundle: string | Uint8Array) => () => loadAccessEngine({ bundle, masks: maskRules })
    expect(load('/nowhere/access.tar.gz')).toThrow(withCode('bundle.missing'))
    expect(load(Buffer.from('not gzip'))).toThrow(withCode('bundle.corrupt'))
    const whole = accessBundle()
    for (const share of [0.1, 0.5, 0.9, 0.999])
      expect(load(whole.subarray(0, Math.floor(whole.length * share)))).toThrow(withCode('bundle.corrupt'))
  })

  test('whose files are missing or malformed is refused', () => {
    expect(() => loadFiles({})).not.toThrow()
    for (const changes of [
      { '.manifest': undefined },
      { '.manifest': '[]' },
      { '.manifest': '{"revision": "x", "revision": "y"}' },
      { '.manifest': manifest({ revision: '' }) },
      { '.manifest': manifest({ roots: [] }) },
      { '.manifest': manifest({ roots: ['access', 'rules'] }) },
      { '.manifest': manifest({ wasm: [{ entrypoint: 'access/user', module: '/policy.wasm' }] }) },
      { '.manifest': manifest({ wasm: 'all' }) },
      { 'policy.wasm': undefined },
      { 'policy.wasm': Buffer.from('wasm') },
      { 'policy.wasm': files['policy.wasm']!.subarray(0, 10_000) },
      { 'policy.wasm': Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) },
      { 'data.json': '{' },
      { 'plan.json': '{' },
      { 'data.json': '{"elsewhere": 1}', '.manifest': manifest({ roots: ['access', 'rules', 'attachments'] }) },
      { 'attachments/organisation/data.json': '[]' },
      { 'rules/data.yaml': 'a: 1' },
    ])
      expect(() => loadFiles(changes), JSON.stringify(Object.keys(changes))).toThrow(withCode('bundle.corrupt'))
  })

  test('whose module lacks an entrypoint that the manifest names is refused, not served as a denial of everything', () => {
    const { wasm } = JSON.parse(files['.manifest']!.toString()) as { readonly wasm: readonly object[] }
    const more = { '.manifest': manifest({ wasm: [...wasm, { entrypoint: 'access/more', module: '/policy.wasm' }] }) }
    expect(() => loadFiles(more)).toThrow(withCode('bundle.corrupt'))
    expect(() => loadBundle(tarGz({ ...files, ...more }))).toThrow('entrypoint access/more')
    expect(() =>
      loadFiles({ 'policy.wasm': build({ 'p.rego': 'package p\n\nallow := true\n' }, ['p/allow']).wasm }),
    ).toThrow(withCode('bundle.corrupt'))
  })

  test('that attaches a rule it does not hold, or whose metadata is malformed, is refused', () => {
    const { 'hr.visible': _, ...others } = hrMetadata
    for (const rules of [
      others,
      { ...hrMetadata, 'hr.visible': 7 },
      { ...hrMetadata, 'hr.visible': { title: 7 } },
      { ...hrMetadata, 'hr.visible': { facts: { x: { any: 'manager' } } } },
    ])
      expect(() => loadFiles({ '.manifest': manifest({ metadata: { rules } }) })).toThrow(withCode('bundle.refused'))
  })

  test("whose attachments would deny everything, since a layer can't be read, is refused with the place", () => {
    const data = JSON.parse(files['data.json']!.toString()) as { readonly attachments: object }
    const attach = (attachments: unknown) => loadFiles({ 'data.json': JSON.stringify({ ...data, attachments }) })
    const one = { resource: 'file:/data/', user: [['hr', 'visible']] }
    expect(() => attach({ organisation: [one], prefixes: {}, product: { p: [one], hr: { q: [one] } } })).not.toThrow()
    for (const [attachments, place] of [
      [null, 'attachments: '],
      [{ organisation: one }, 'attachments.organisation: '],
      [{ domains: { hr: [one] } }, 'attachments.domains: '],
      [{ domain: [one] }, 'attachments.domain: '],
      [{ domain: { hr: { one } } }, 'attachments.domain.hr: '],
      [{ product: { hr: { q: one } } }, 'attachments.product.hr.q: '],
      [{ organisation: [one, 'x'] }, 'attachments.organisation[1]: '],
      [{ organisation: [{ ...one, resource: 7 }] }, 'attachments.organisation[0]: resource'],
      [{ organisation: [{ ...one, recordRules: [] }] }, 'attachments.organisation[0]: recordRules'],
      [{ organisation: [{ ...one, record_rules: null }] }, 'attachments.organisation[0]: record_rules'],
      [{ organisation: [{ ...one, record_rules: [['hr']] }] }, 'attachments.organisation[0]: record_rules'],
    ] as const) {
      expect(() => attach(attachments), place).toThrow(withCode('bundle.refused'))
      expect(() => attach(attachments)).toThrow(place)
    }
  })

  test('whose rules call what answers differently each time is refused', () => {
    expect(() => loadRules(visible('permit contains "late" if time.now_ns() > 0'))).toThrow(withCode('builtin.missing'))
  })

  test('whose plan is missing or not known is served without what rests on it', () => {
    for (const plan of [
      undefined,
      '{}',
      JSON.stringify({
        static: {},
        plans: { plans: [{ name: 'access/guard', blocks: [{ stmts: [{ type: 'NewStmt', stmt: {} }] }] }] },
      }),
    ]) {
      const engine = loadFiles({ 'plan.json': plan })
      expect(engine.fast).toBe(false)
      const policy = engine.prepare(query(user('Bob'), 'SALARY'), openSchema)
      expect(policy).toMatchObject({ kind: 'by-record', fields: undefined })
    }
  })

  test('whose plan is that of another module is served without what rests on it', () => {
    const asked = query(user('Bob'), 'SALARY')
    const planOf = (rules: Sources) => readTarGz(accessBundle({ rules })).get('plan.json')!
    const own = planOf(hrRules)
    const others = {
      'other constants': planOf(visible('permit contains "all"')),
      'other functions': Buffer.from(own.toString().replaceAll('g0.data.rules.hr.visible', 'g0.data.rules.hr.hidden')),
      'other entrypoints': Buffer.from(own.toString().replace('"access/user"', '"access/users"')),
    }
    expect(loadFiles({ 'plan.json': own }).fast).toBe(true)
    expect(loadFiles({ 'plan.json': own }).prepare(asked, openSchema)).toMatchObject({ fields: expect.any(Array) })
    for (const [what, plan] of Object.entries(others))
      expect(loadFiles({ 'plan.json': plan }).prepare(asked, openSchema), what).toMatchObject({
        kind: 'by-record',
        fields: undefined,
      })
  })

  test('with any byte of its module changed is refused, or fails as a policy does', () => {
    const wasm = files['policy.wasm']!
    fc.assert(
      fc.property(fc.nat(wasm.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(wasm)
        bytes[at] = bytes[at]! ^ change
        try {
          const { effect } = loadFiles({ 'policy.wasm': bytes }).decideResource(query(user('Bob'), 'SALARY'))
          expect(['permit', 'deny']).toContain(effect)
        } catch (error) {
          expect((error as { code: string }).code).toMatch(
            /^(bundle\.corrupt|builtin\.missing|policy\.(failed|limit))$/,
          )
        }
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
