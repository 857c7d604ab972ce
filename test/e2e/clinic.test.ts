/** The clinic example: what each member of staff gets of each output port, and the seven defects of the code challenge that it answers. */
import { createHmac } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  patientRecords,
  prescriptionColumns,
  prescriptions,
  siteResults,
  trialResults,
} from '../../examples/clinic/clinic-data.ts'
import { type Clinic, clinicFolder, type Given, ports, type Row, startClinic } from './clinic-system.ts'

const reason = 'incident 4711: wrong dose'
/** The example's own, from its configuration. */
const hashKey = Buffer.from('ZXhhbXBsZSBrZXkgb2YgdGhlIGNsaW5pYywgbm90IHNlY3JldA==', 'base64')

const prescriptionRows: readonly Row[] = prescriptions.map((cells) =>
  Object.fromEntries(prescriptionColumns.map((column, at) => [column, cells[at]])),
)
const records = (...numbers: readonly number[]) =>
  patientRecords.filter(({ recordId }) => numbers.some((number) => recordId === `patient_record_${number}`))
const dispensed = (...numbers: readonly number[]) =>
  numbers.map((number) => ({ ...prescriptionRows[number - 1], indication: '' }))
const pseudonym = (patientId: string) => createHmac('sha256', hashKey).update(patientId).digest('hex')
const anonymous = (row: Row) => ({ ...row, patientId: pseudonym(String(row.patientId)), sampledAt: '2026-01-01' })

const everything: Given = {
  [ports.records]: patientRecords,
  [ports.prescriptions]: prescriptionRows,
  [ports.results]: trialResults,
  [ports.siteResults]: siteResults,
}
const anonymised: Given = {
  [ports.results]: [trialResults[0]!, trialResults[2]!].map(anonymous),
  [ports.siteResults]: [anonymous(siteResults[0]!)],
}
const none: Given = {}

type Case = readonly [user: string, context: { readonly purpose: string; readonly reason?: string }, given: Given]

const table: readonly Case[] = [
  ['alice', { purpose: 'CARE' }, { [ports.records]: records(1, 3) }],
  ['egon', { purpose: 'CARE' }, { [ports.records]: records(4, 5) }],
  ['edda', { purpose: 'CARE' }, none],
  ['grace', { purpose: 'CARE' }, { [ports.records]: [] }],
  ['bob', { purpose: 'DISPENSING' }, { [ports.prescriptions]: dispensed(1, 3) }],
  ['carol', { purpose: 'RESEARCH' }, anonymised],
  ['dave', { purpose: 'INCIDENT', reason }, everything],
  ['dave', { purpose: 'CARE', reason }, everything],
  ['dave', { purpose: 'INCIDENT' }, none],
  ['dave', { purpose: 'INCIDENT', reason: 'because' }, none],
  ['frank', { purpose: 'INCIDENT', reason }, none],
  ['mallory', { purpose: 'INCIDENT', reason }, none],
  ...['alice', 'grace', 'egon'].flatMap((user) => without(user, ['DISPENSING', 'RESEARCH', 'INCIDENT', ''])),
  ...without('bob', ['CARE', 'RESEARCH', 'INCIDENT', 'dispensing']),
  ...without('carol', ['CARE', 'DISPENSING', 'INCIDENT', 'RESEARCH ']),
  ...without('mallory', ['CARE', 'DISPENSING', 'RESEARCH']),
]

function without(user: string, purposes: readonly string[]): readonly Case[] {
  return purposes.map((purpose) => [user, { purpose, reason }, none])
}

let clinic: Clinic
beforeAll(async () => {
  clinic = await startClinic()
}, 60_000)
afterAll(() => clinic?.[Symbol.asyncDispose]())

async function decision(entrypoint: string, input: unknown): Promise<unknown> {
  const response = await fetch(`${clinic.url}/v1/data/access/${entrypoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input }),
  })
  return ((await response.json()) as { readonly result: unknown }).result
}

const always = { days: [0, 1, 2, 3, 4, 5, 6], from: 0, to: 24 }
const alice = {
  id: 'alice',
  active: true,
  roles: ['doctor'],
  attributes: { ward: 'cardiology', clearance: 4, shift: always },
}
const bob = { id: 'bob', active: true, roles: ['pharmacist'], attributes: {} }
const leaf = (id: string, type: string) => ({ id, type, format: 'application/octet-stream', attributes: {} })
const care = { user: alice, context: { purpose: 'CARE' }, resource: leaf(ports.records, 'clinic.PatientRecord') }

describe('what each member of staff gets', () => {
  test.each(table)('%s, for %o', async (user, context, given) => {
    expect(await clinic.ask({ user, context })).toEqual(given)
  })

  test('is the same for one output port as for all of them', async () => {
    const resource = 'file:/clinic/prescriptions/'
    const context = { purpose: 'DISPENSING' }
    expect(await clinic.ask({ user: 'bob', context, resource })).toEqual({ [ports.prescriptions]: dispensed(1, 3) })
    expect(await clinic.ask({ user: 'alice', context: { purpose: 'CARE' }, resource })).toEqual(none)
  })

  test('keeps the results of one person together without saying whose they are', async () => {
    const given = await clinic.ask({ user: 'carol', context: { purpose: 'RESEARCH' } })
    const [first, second] = given[ports.results]!
    expect(first!.patientId).toBe(second!.patientId)
    expect(JSON.stringify(given)).not.toContain('P-1')
  })
})

describe('the defects of the code challenge', () => {
  test('1: a list of requests where one belongs is denied, and said to be no input', async () => {
    for (const entrypoint of ['user', 'resource'])
      for (const list of [[], [care], [care, care]])
        expect(await decision(entrypoint, list)).toEqual({
          allow: false,
          reasons: [{ code: 'policy.input_invalid' }],
        })
    expect(await decision('resource', care)).toEqual({ allow: true, reasons: [] })
    await expect(clinic.ask([{ user: 'alice', context: { purpose: 'CARE' } }] as never)).rejects.toThrow()
  })

  test('2: working hours follow the time of the host, whatever time a caller names', async () => {
    const hour = new Date().getUTCHours()
    const shift = (from: number, to: number) => ({ ...always, from: from % 24, to: to % 24 })
    const at = (given: object, now: number) =>
      decision('resource', { ...care, user: { ...alice, attributes: { ...alice.attributes, shift: given } }, now })
    const anHour = 3_600_000
    for (const now of [0, Date.now() - 12 * anHour, Date.now() + 12 * anHour]) {
      expect(await at(shift(hour + 22, hour + 4), now)).toMatchObject({ allow: true })
      expect(await at(shift(hour + 4, hour + 10), now)).toMatchObject({ reasons: [{ code: 'care.off_duty' }] })
    }
  })

  test('3: what a caller calls a resource does not change what it is', async () => {
    const claims = { type: 'prescription', resource_type: 'prescription', product: 'clinic/prescriptions' }
    const context = { ...claims, purpose: 'DISPENSING' }
    expect(await clinic.ask({ user: 'bob', context, resource: ports.results })).toEqual(none)
    expect(Object.keys(await clinic.ask({ user: 'bob', context }))).toEqual([ports.prescriptions])
    const lie = {
      user: bob,
      context,
      resource: { ...leaf(ports.results, 'clinic.Prescription'), product: claims.product },
    }
    expect(await decision('resource', lie)).toMatchObject({
      allow: false,
      reasons: [{ code: 'research.not_researcher' }],
    })
  })

  test('4: text where a number belongs opens nothing, though OPA finds it greater than every number', async () => {
    const record = patientRecords[2]!
    const ask = (clearance: unknown, sensitivity: unknown) =>
      decision('record', {
        ...care,
        user: { ...alice, attributes: { ...alice.attributes, clearance } },
        record: { ...record, sensitivity },
      })
    expect(await ask(4, 1)).toMatchObject({ allow: true })
    for (const text of ['0', '5', '', 'all', null, true, [9]]) {
      expect(await ask(text, 1)).toMatchObject({ allow: false })
      expect(await ask(4, text)).toMatchObject({ allow: false })
    }
  })

  test('5: reading and updating are decided by one rule', async () => {
    const as = (action: string) => decision('resource', { ...care, context: { purpose: 'CARE', action } })
    expect(await as('update')).toEqual(await as('read'))
    expect(await as('delete')).toMatchObject({ allow: false })
    const [attachment] = (await jsonOf('attachments/product/clinic/patient-records/data.json')) as readonly Row[]
    expect(attachment!.resource_rules).toEqual([
      ['clinic', 'doctors'],
      ['clinic', 'administrators'],
    ])
    for (const code of await rules()) expect(code).not.toMatch(/"(read|update)"/)
  })

  test('6: every denial has its reason in the audit log, with a title and the place of the rule', async () => {
    await clinic.ask({ user: 'edda', context: { purpose: 'CARE' } })
    const denials = (await clinic.audit()).filter(({ decision: given }) => given === 'deny')
    const codes = new Set(denials.flatMap(({ reasons = [] }) => reasons.map(({ code }) => code)))
    expect([...codes]).toEqual(
      expect.arrayContaining(['care.off_duty', 'care.not_doctor', 'dispensing.not_pharmacist']),
    )
    for (const { reasons } of denials) {
      expect(reasons).not.toHaveLength(0)
      for (const one of reasons!) {
        expect(one.title).toMatch(/\.$/)
        expect(one.place).toMatch(/^policies\/rules\/.*\.rego:\d+$/)
      }
    }
  })

  test("7: an administrator's way past the rules leaves a flag in the audit log, with the reason", async () => {
    const before = (await clinic.audit()).length
    await clinic.ask({ user: 'dave', context: { purpose: 'INCIDENT', reason } })
    await clinic.ask({ user: 'alice', context: { purpose: 'CARE' } })
    const reads = (await clinic.audit()).slice(before).filter(({ kind }) => kind.startsWith('read.'))
    const flagged = reads.filter(({ reasons = [] }) => reasons.some(({ code }) => code === 'override.administrator'))
    const of = (user: string) => reads.filter(({ userId }) => userId === user)
    expect(of('alice').map(({ kind }) => kind)).toEqual(['read.started', 'read.finished'])
    expect(of('dave').map(({ kind }) => kind)).toEqual(
      Object.values(ports).flatMap(() => ['read.started', 'read.finished']),
    )
    expect(flagged).toEqual(of('dave'))
    for (const read of flagged)
      expect(read).toMatchObject({ context: { reason }, reasons: [{ rule: 'clinic.administrators' }] })
  })
})

async function jsonOf(path: string): Promise<unknown> {
  return JSON.parse(await readFile(join(clinicFolder, 'policies', path), 'utf8'))
}

/** Without their comments. */
async function rules(): Promise<readonly string[]> {
  const folder = join(clinicFolder, 'policies/rules')
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.rego'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => text.replaceAll(/^\s*#.*$/gmu, ''))
}
