/** The committed bundle: what is in it, that OPA itself reads it and answers the same, and that it keeps the HR specification. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseUserId } from '../../src/domain/ids.ts'
import type { User } from '../../src/domain/records.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { accessEntrypoints, readAccessBundle } from '../../src/policy/opa-wasm/access-bundle.ts'
import { loadAccessEngine } from '../../src/policy/opa-wasm/engine.ts'
import { readTarGz } from '../../src/policy/opa-wasm/tar.ts'
import { expectedRecord, hrFiles, hrPurposes, hrUsers, readEmployees, visibleFiles } from '../e2e/hr-truth.ts'
import { maskRules, openSchema } from '../policy/support/access.ts'
import { recordUnder } from '../policy/support/masked.ts'
import { ensureTool } from '../support/ensure-tool.ts'
import { createAsker } from './support/ask.ts'
import { repository } from './support/checkout.ts'

const file = join(repository, 'bundles/access.tar.gz')
const people: Readonly<Record<(typeof hrUsers)[number], User>> = {
  Alice: {
    id: parseUserId('Alice'),
    active: true,
    roles: ['HR'],
    attributes: { training: ['PAYROLL_TRAINING_COURSE'] },
  },
  Bob: { id: parseUserId('Bob'), active: true, roles: ['ESTATES'], attributes: {} },
  Eve: { id: parseUserId('Eve'), active: true, roles: ['IT'], attributes: {} },
}
const leafOf = (name: string) => ({
  id: parseResourceId(`file:/data/hr/${name}`),
  mediaType: 'avro/binary',
  recordType: 'Employee',
  attributes: {},
})

describe('what is in it', () => {
  const { bundle, rules } = readAccessBundle(file)

  test('the files that OPA names so, and no others', () => {
    const names = [...readTarGz(readFileSync(file)).keys()]
    expect(names.filter((name) => !name.endsWith('.rego'))).toEqual([
      '.manifest',
      'policy.wasm',
      'plan.json',
      'data.json',
    ])
    expect(names).toContain('rules/hr/bank_details/bank_details.rego')
    expect(bundle.roots).toEqual(['access', 'attachments', 'contracts', 'lib', 'rules'])
    expect([...bundle.entrypoints].sort()).toEqual([...accessEntrypoints].sort())
  })

  test('no path of the machine that built it', () => {
    for (const [name, bytes] of readTarGz(readFileSync(file)))
      expect(/\/(?:tmp|home|root|work)\//.test(bytes.toString('latin1')), name).toBe(false)
  })

  test('what each rule says of itself, and where it stands', () => {
    expect([...rules.keys()]).toEqual([
      'hr.bank_details',
      'hr.duty_of_care',
      'hr.first_resource',
      'hr.nationality',
      'hr.record_masking',
      'hr.zip_code',
      'org.active',
      'org.classification',
      'org.contract',
      'org.purpose',
    ])
    for (const [id, { title, code, place }] of rules) {
      expect(title, id).toMatch(/\S/)
      expect(code, id).toMatch(/^[a-z_]+\.[a-z_]+$/)
      const [source, line] = place!.split(':')
      expect(readFileSync(join(repository, source!), 'utf8').split('\n')[Number(line) - 1], id).toBe(
        `package rules.${id}`,
      )
    }
    expect(rules.get('hr.zip_code')!.facts).toEqual([
      { name: 'hr.zip_code/manages', op: 'any', path: '/manager/**/uid', reference: 'user.id' },
    ])
  })
})

describe('the HR specification', () => {
  const engine = loadAccessEngine({ bundle: file, masks: maskRules })
  const now = Date.UTC(2026, 0, 1)

  test.each(hrUsers.flatMap((user) => hrPurposes.map((purpose) => ({ user, purpose }))))(
    '$user for purpose "$purpose": files, records and fields',
    async ({ user, purpose }) => {
      const asked = { user: people[user], context: { purpose }, now }
      expect(engine.decideUser({ ...asked, resource: parseResourceId('file:/data/hr/') }).effect).toBe('permit')
      const visible = hrFiles.filter(
        (name) => engine.decideResource({ ...asked, leaf: leafOf(name) }).effect === 'permit',
      )
      expect(visible).toEqual(visibleFiles(user))
      for (const name of hrFiles) {
        const policy = engine.prepare({ ...asked, leaf: leafOf(name) }, { ...openSchema, canCompute: () => true })
        const employees = await readEmployees(name)
        expect(employees.flatMap((record) => recordUnder(policy, record) ?? [])).toEqual(
          employees.flatMap((record) => expectedRecord(user, purpose, record) ?? []),
        )
      }
    },
  )
})

test('OPA answers the same from both bundles, and as our WASM does', async () => {
  const opa = await ensureTool('opa')
  const asker = createAsker(file)
  const questions = hrUsers.flatMap((user) =>
    ['SALARY', ''].flatMap((purpose) => {
      const { id, active, roles, attributes } = people[user]
      const resource = { id: 'file:/data/hr/employee_file1.avro', type: 'T', format: 'f', attributes: {} }
      const facts = { 'hr.record_masking': { manages: user === 'Bob' } }
      return {
        user: { id, active, roles, attributes },
        context: { purpose },
        request: { resource: 'file:/data/hr/' },
        resource,
        record: {},
        facts,
        now: 0,
      }
    }),
  )
  for (const input of questions) {
    const asked = { ...input, layers: asker.value('access/attached', input) }
    const ours = Object.fromEntries(
      accessEntrypoints.map((name) => [name.slice('access/'.length), asker.value(name, asked)]),
    )
    for (const name of ['access.tar.gz', 'access-rego.tar.gz']) {
      const query = `{${Object.keys(ours)
        .map((key) => `"${key}": data.access.${key}`)
        .join(', ')}}`
      const args = ['eval', '--stdin-input', '--format', 'json', '-b', join(repository, 'bundles', name), query]
      const { result } = JSON.parse(execFileSync(opa, args, { input: JSON.stringify(asked) }).toString('utf8'))
      expect(result[0].expressions[0].value).toEqual(ours)
    }
  }
})
