/** From a contract in a pull request to the record that is read: what a product's documents say is what the guard enforces. */
import { execFile } from 'node:child_process'
import { cp, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository } from '../bundles/support/checkout.ts'
import {
  accessOf,
  change,
  createProductCheckout,
  employeeContract,
  reportContract,
} from '../bundles/support/product-checkout.ts'
import { hrDataFolder } from '../support/portcullis-process.ts'
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts'
import { ask, leafIds, read, type System, startEmbedded } from './system.ts'

const report = 'file:/data/hr-reports/staff_2026.csv'
const employees = 'file:/data/hr/employee_file0.avro'
/** The promise is one second; the rest is for a busy machine. */
const polled = { timeout: 30_000, interval: 50 } as const

let place: TempFolder
let checkout: TempFolder
let system: System

beforeAll(async () => {
  place = await createTempFolder('classification')
  checkout = await createProductCheckout()
  await cp(join(repository, 'examples/hr/reports'), join(place.path, 'reports'), { recursive: true })
  await cp(join(repository, 'examples/hr/reports/staff_2026.csv'), join(place.path, 'other/staff_2026.csv'))
  await writeFile(join(place.path, 'reports/notes.ndjson'), '{"uid":"1001","diagnosis":"none"}\n')
  await writeFile(join(place.path, 'access.tar.gz'), await accessOf(checkout.path))
  system = await startEmbedded({
    bundle: join(place.path, 'access.tar.gz'),
    changes: {
      catalogue: {
        roots: [
          { id: 'file:/data/hr/', folder: hrDataFolder, types: [type('.avro', 'avro/binary')] },
          {
            id: 'file:/data/hr-reports/',
            folder: join(place.path, 'reports'),
            types: [type('.csv', 'text/csv'), type('.ndjson', 'application/x-ndjson')],
          },
        ],
      },
    },
  })
}, 120_000)
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await checkout?.[Symbol.asyncDispose]()
  await place?.[Symbol.asyncDispose]()
})

function type(suffix: string, mediaType: string) {
  return { suffix, mediaType, recordType: 'Staff' }
}

/** Builds the checkout as it is now, and puts the bundle where the server finds it. */
async function rollOut(): Promise<void> {
  const bundle = join(place.path, 'access.tar.gz')
  await writeFile(`${bundle}.new`, await accessOf(checkout.path))
  await rename(`${bundle}.new`, bundle)
}

async function registered(userId: string, purpose: string, resourceId: string): Promise<string> {
  return (await ask(system, { userId, purpose, resourceId })).token
}

/** The first record of the report, or the code of the refusal. */
async function firstLine(token: string): Promise<string> {
  try {
    return (await read(system, token, report)).toString('utf8').split('\n')[1]!
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? String(thrown)
  }
}

async function checkReport() {
  const file = join(checkout.path, reportContract)
  const args = ['--import', 'tsx', join(repository, 'src/cli/main.ts'), 'check', file, '--format', 'json']
  const policy = ['--policy', join(repository, 'bundles/dataproduct.tar.gz')]
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...policy], {
    cwd: repository,
    maxBuffer: 64 * 1_048_576,
  }).catch((failed: { stdout: string }) => failed)
  return (JSON.parse(stdout) as { findings: readonly { rule: string; message: string; line: number }[] }).findings
}

test('the levels, roles and purposes of the clearances decide what a reader of the report sees', async () => {
  const seen = async (userId: string, purpose: string) =>
    firstLine(await registered(userId, purpose, 'file:/data/hr-reports/'))
  expect(await seen('Alice', 'SALARY')).toBe('1001,Ada Wren,CLINICAL_TRIALS,Grade7,2014-03-01,IRISH,81200')
  expect(await seen('Alice', 'STAFF_REPORT')).toBe('1001,Ada Wren,CLINICAL_TRIALS,Grade7,2014-03-01,,')
  expect(await seen('Bob', 'SALARY')).toBe(',,CLINICAL_TRIALS,Grade7,,,')
}, 120_000)

test('what cannot be compared with its contract is not even listed', async () => {
  const { items } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: 'file:/data/hr-reports/' })
  expect(leafIds(items)).toEqual([report])
  const withheld = (await system.audit()).filter(({ kind }) => kind === 'leaf.withheld')
  expect(withheld.at(-1)?.leafId).toBe('file:/data/hr-reports/notes.ndjson')
  expect(withheld.at(-1)?.reasons?.map(({ code, rule }) => [code, rule])).toEqual([
    ['contract.unverifiable', 'org.contract'],
  ])
}, 60_000)

test('a field that a pull request leaves unclassified is a finding there, and at read it counts as the highest', async () => {
  const token = await registered('Bob', 'SALARY', 'file:/data/hr-reports/')
  expect(await firstLine(token)).toBe(',,CLINICAL_TRIALS,Grade7,,,')
  const classified = await checkReport()
  expect(classified.filter(({ rule }) => rule === 'CLS-01')).toEqual([])
  await change(checkout.path, {
    [reportContract]: (text) => text.replace(/(description: Department\.\n) +classification: internal\n/u, '$1'),
  })
  const [found, ...more] = (await checkReport()).filter(({ rule }) => rule === 'CLS-01')
  expect(more).toEqual([])
  expect(found?.message).toBe('staff.department has no classification; it counts as the highest.')
  await rollOut()
  await expect.poll(() => firstLine(token), polled).toBe(',,,Grade7,,,')
}, 120_000)

test('a classification that is raised in the contract masks the same read as soon as the bundle is rolled out', async () => {
  const token = await registered('Bob', 'SALARY', 'file:/data/hr-reports/')
  await change(checkout.path, {
    [reportContract]: (text) =>
      text.replace(/(description: Grade of pay\.\n +classification: )internal/u, '$1restricted'),
  })
  expect(await firstLine(token)).toBe(',,,Grade7,,,')
  await rollOut()
  await expect.poll(() => firstLine(token), polled).toBe(',,,,,,')
}, 120_000)

test('data that differs from its contract is denied, and the audit trail alone names the first difference', async () => {
  const token = await registered('Alice', 'SALARY', 'file:/data/hr/')
  expect((await read(system, token, employees)).length).toBeGreaterThan(1_000)
  await change(checkout.path, {
    [employeeContract]: (text) => text.replace('- name: streetName', '- name: street'),
  })
  await rollOut()
  const refusal = () => read(system, token, employees).then(() => undefined, String)
  await expect.poll(refusal, polled).toContain('Policy denies this')
  expect(await refusal()).not.toContain('street')
  const reasons = (await system.audit()).flatMap((event) => event.reasons ?? [])
  expect(reasons).toContainEqual({
    code: 'contract.mismatch',
    title: 'The data has /address/streetName, which the contract does not.',
  })
}, 120_000)
