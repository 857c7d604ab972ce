/** A bundle whose data was changed after the build: it does not load, or it denies. Never does a layer that can't be read look as if there were none. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { packTarGz } from '../../src/bundles/tar-gz.ts'
import type { PortcullisError } from '../../src/domain/errors.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { loadAccessEngine } from '../../src/policy/opa-wasm/engine.ts'
import { readTarGz } from '../../src/policy/opa-wasm/tar.ts'
import type { PolicyEngine } from '../../src/policy/policy-engine.ts'
import { leaf, maskRules, openSchema, user } from '../policy/support/access.ts'
import { type Asker, createAsker } from './support/ask.ts'
import { repository } from './support/checkout.ts'

type Data = {
  attachments: Record<string, unknown> & {
    organisation: Record<string, unknown>[]
    domain: Record<string, Record<string, unknown>[]>
  }
}
type Tamper = (data: Data) => void

const committed = readFileSync(join(repository, 'bundles/access.tar.gz'))
const alice = { ...user('Alice', { training: ['PAYROLL_TRAINING_COURSE'] }), roles: ['HR'] }

function dataOf(tamper: Tamper): Buffer {
  const data = JSON.parse(readTarGz(committed).get('data.json')!.toString('utf8')) as Data
  tamper(data)
  return Buffer.from(JSON.stringify(data))
}

/** The entrypoints that still allow something, asked under the engine's own check of the bundle. */
function allowing(asker: Asker, tamper: Tamper): readonly string[] {
  const resource = { id: leaf.id, type: leaf.recordType, format: leaf.mediaType, attributes: {} }
  const input = {
    user: alice,
    context: { purpose: 'SALARY' },
    request: { resource: leaf.id },
    resource,
    record: {},
    facts: {},
    now: 0,
  }
  asker.setData(dataOf(tamper))
  const allows = (entrypoint: string, more = {}) => asker.ask(entrypoint, { ...input, ...more }).allow
  const questions = ['access/user', 'access/resource', 'access/record'].filter((entrypoint) => allows(entrypoint))
  const layers = asker.value('access/attached', input)
  return allows('access/guard', { layers }) ? [...questions, 'access/guard'] : questions
}

/** What the engine still allows, or the code it refuses the bundle with. */
function outcome(tamper: Tamper): string | readonly string[] {
  const files = new Map(readTarGz(committed)).set('data.json', dataOf(tamper))
  let engine: PolicyEngine
  try {
    engine = loadAccessEngine({
      bundle: packTarGz([...files].map(([path, bytes]) => ({ path, bytes }))),
      masks: maskRules,
    })
  } catch (error) {
    return (error as PortcullisError).code
  }
  const asked = { user: alice, context: { purpose: 'SALARY' }, now: 0 }
  const policy = engine.prepare({ ...asked, leaf }, openSchema)
  const records = {
    deny: () => false,
    untouched: () => true,
    constant: () => policy.kind === 'constant' && !policy.decision.drop,
    'by-facts': () => policy.kind === 'by-facts' && !policy.decide([]).drop,
    'by-record': () => policy.kind === 'by-record' && !policy.decide(Buffer.from('{}')).drop,
  }
  return [
    ...(engine.decideUser({ ...asked, resource: parseResourceId('file:/data/hr/') }).effect === 'permit'
      ? ['user']
      : []),
    ...(engine.decideResource({ ...asked, leaf }).effect === 'permit' ? ['resource'] : []),
    ...(records[policy.kind]() ? ['record'] : []),
  ]
}

let asker: Asker
beforeAll(() => {
  asker = createAsker(committed)
})

test('the bundle as it is allows all of them', () => {
  expect(allowing(asker, () => {})).toEqual(['access/user', 'access/resource', 'access/record', 'access/guard'])
  expect(outcome(() => {})).toEqual(['user', 'resource', 'record'])
})

const layer = (data: Data) => data.attachments.domain.hr![0]!
const everyList = (rules: unknown) => ({ user: rules, resource_rules: rules, record_rules: rules })

const tampered: readonly (readonly [string, Tamper])[] = [
  ['no attachments', (data) => Reflect.deleteProperty(data, 'attachments')],
  ['attachments that are a list', (data) => Object.assign(data, { attachments: [data.attachments] })],
  ['no organisation', ({ attachments }: Data) => Reflect.deleteProperty(attachments, 'organisation')],
  ...[null, {}, 'x', 1, true, { 0: { resource: 'file:/data/' } }].map(
    (value) =>
      [
        `an organisation that is ${JSON.stringify(value)}`,
        ({ attachments }: Data) => Object.assign(attachments, { organisation: value }),
      ] as const,
  ),
  ['an organisation that attaches nothing', ({ attachments }: Data) => attachments.organisation.splice(0)],
  ...[
    null,
    [],
    'x',
    1,
    true,
    { hr: null },
    { hr: {} },
    { hr: 'x' },
    { hr: [null] },
    { hr: ['x'] },
    { hr: [[]] },
    { hr: [{}] },
  ].map(
    (value) =>
      [
        `domains that are ${JSON.stringify(value)}`,
        ({ attachments }: Data) => Object.assign(attachments, { domain: value }),
      ] as const,
  ),
  ...[null, [], 'x', 1, true, { hr: null }, { hr: 'x' }, { hr: 1 }, { hr: { staff: null } }, { hr: { staff: {} } }].map(
    (value) =>
      [
        `products that are ${JSON.stringify(value)}`,
        ({ attachments }: Data) => Object.assign(attachments, { product: value }),
      ] as const,
  ),
  [
    'a kind of layer that there is not',
    ({ attachments }: Data) => Object.assign(attachments, { domains: attachments.domain }),
  ],
  ['a rule that does not exist', (data) => Object.assign(layer(data), everyList([['hr', 'absent']]))],
  [
    'a rule of a domain that does not exist',
    (data) => Object.assign(layer(data), everyList([['absent', 'nationality']])),
  ],
  ...[
    null,
    'hr.nationality',
    1,
    {},
    [],
    ['hr'],
    ['hr', 'nationality', 'x'],
    ['hr', 1],
    [['hr'], 'nationality'],
    { 0: 'hr', 1: 'nationality' },
  ].map(
    (rule) =>
      [
        `a rule named as ${JSON.stringify(rule)}`,
        (data: Data) => Object.assign(layer(data), everyList([rule])),
      ] as const,
  ),
  ...[null, 'hr', 1, true, { hr: 'nationality' }].map(
    (list) =>
      [`lists that are ${JSON.stringify(list)}`, (data: Data) => Object.assign(layer(data), everyList(list))] as const,
  ),
  ['a list by another name', (data) => Object.assign(layer(data), { records: [] })],
  ['a field that names a layer', (data) => Object.assign(layer(data), { layer: 'organisation' })],
  ...[null, 1, [], {}, ['file:/data/hr/']].map(
    (resource) =>
      [
        `a resource that is ${JSON.stringify(resource)}`,
        (data: Data) => Object.assign(layer(data), { resource }),
      ] as const,
  ),
  [
    'rules as data, which are no sets',
    (data) => {
      Object.assign(layer(data), everyList([['posed', 'permits']]))
      Object.assign(data, { rules: { posed: { permits: { permit: ['yes'] } } } })
    },
  ],
]

describe.each(tampered)('%s', (_, tamper) => {
  test('is denied by every entrypoint', () => {
    expect(allowing(asker, tamper)).toEqual([])
  })

  test('does not load into the engine, or the engine denies', () => {
    expect(['bundle.refused', 'bundle.corrupt', []]).toContainEqual(outcome(tamper))
  })
})
