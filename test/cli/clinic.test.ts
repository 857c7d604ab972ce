/** Deciding, explaining and comparing, as it is typed for the clinic example: rules that calculate, two reasons in one rule, another time, a context. */
import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { pinnedOpa, repository } from '../bundles/support/checkout.ts'
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts'

const clinic = join(repository, 'examples/clinic')
const records = 'file:/clinic/patient-records/wards.avro'
const reason = 'reason=incident 4711: wrong dose'
const timeoutMs = 60_000

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

function portcullis(...args: readonly string[]): Promise<Outcome> {
  const command = ['--import', 'tsx', join(repository, 'src/cli/main.ts'), ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: clinic }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const decide = (user: string, purpose: string, ...more: readonly string[]) =>
  portcullis('decide', '--user', user, '--resource', records, '--purpose', purpose, ...more)

describe('decide and explain', () => {
  test(
    'a doctor reads in her hours, and not an hour later',
    async () => {
      expect(await decide('erin', 'CARE', '--at', '2031-11-26T16:59:59Z')).toMatchObject({ code: 0, stderr: '' })
      const later = await decide('erin', 'CARE', '--at', '2031-11-26T18:00:00+01:00')
      expect(later).toMatchObject({ code: 1, stderr: '' })
      expect(later.stdout).toContain('care.off_duty  Your shift has not begun or is over.')
    },
    timeoutMs,
  )

  test(
    'a time without its offset is none',
    async () => {
      const { code, stderr } = await decide('erin', 'CARE', '--at', '2031-11-26T16:59')
      expect(code).toBe(2)
      expect(stderr).toContain('--at 2031-11-26T16:59: expected a time with its offset')
    },
    timeoutMs,
  )

  test(
    'two reasons of one rule keep their own words and places',
    async () => {
      const { stdout } = await decide('frank', 'INCIDENT', '--context', reason)
      const [, role, duty] = stdout.split('\n')
      expect(role).toMatch(/care\.not_doctor +Patient records are for doctors who .*doctors\.rego:(\d+)/)
      expect(duty).toMatch(/care\.off_duty +Your shift .*doctors\.rego:(\d+)/)
      expect(/rego:(\d+)/.exec(role!)?.[1]).not.toBe(/rego:(\d+)/.exec(duty!)?.[1])
    },
    timeoutMs,
  )

  test(
    'a permit says what the audit log is told',
    async () => {
      const { code, stdout } = await decide('dave', 'INCIDENT', '--context', reason)
      expect(code).toBe(0)
      expect(stdout).toMatch(
        /override\.administrator .*administrators\.rego:\d+ +\(resource decision, for the audit log\)/,
      )
    },
    timeoutMs,
  )

  test(
    'explain follows rules that calculate, and finds what would change the decision',
    async () => {
      const { stdout, stderr } = await portcullis(
        'explain',
        ...['--user', 'erin', '--resource', records, '--purpose', 'CARE', '--at', '2031-11-26T18:00:00Z'],
      )
      expect(stderr).toBe('')
      expect(stdout).toContain('fails  shifts.on_duty(input.user, input.now)')
      expect(stdout).toContain('To be permitted: one change is enough')
    },
    timeoutMs,
  )
})

describe('policy diff and policy impact', () => {
  let folder: TempFolder
  let changed: string
  beforeAll(async () => {
    folder = await createTempFolder('clinic')
    await cp(join(clinic, 'policies'), join(folder.path, 'policies'), { recursive: true })
    for (const [rule, from, to] of [
      ['dispensing', '< 3', '< 5'],
      ['anonymised', '"year"', '"month"'],
    ] as const) {
      const file = join(folder.path, `policies/rules/clinic/${rule}/${rule}.rego`)
      await writeFile(file, (await readFile(file, 'utf8')).replace(from, to))
    }
    const { bundles } = await buildAccess(await pinnedOpa(), folder.path)
    changed = join(folder.path, 'access.tar.gz')
    await writeFile(changed, bundles.find(({ name }) => name === 'access.tar.gz')!.bytes)
  }, 2 * timeoutMs)
  afterAll(() => folder?.[Symbol.asyncDispose]())

  const impact = (...more: readonly string[]) =>
    portcullis(
      ...['policy', 'impact', '--config', 'portcullis.yaml', '--base', 'bundles/access.tar.gz', '--candidate', changed],
      ...['--on', 'file:/clinic/', ...more],
    )

  test(
    'diff names the rules that changed',
    async () => {
      const { stdout } = await portcullis('policy', 'diff', 'bundles/access.tar.gz', changed)
      expect(stdout.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
        'Rule clinic.anonymised',
        'Rule clinic.dispensing',
        '',
      ])
    },
    timeoutMs,
  )

  test(
    'impact says which records and fields show more, and to whom',
    async () => {
      const { code, stdout } = await impact('--key', '/prescriptionId')
      expect(code).toBe(1)
      expect(stdout).toContain('bob (pharmacist), purpose DISPENSING')
      expect(stdout).toContain('+1 record visible in dispensary.csv (2 before, 3 after); such as prescription_2')
      expect(stdout).toContain(
        '/sampledAt masked less strictly in 2 records of heart.parquet (date to year before, date to month after)',
      )
    },
    timeoutMs,
  )

  test(
    'impact asks with the context and at the time that are given',
    async () => {
      const records = async (...more: readonly string[]) =>
        /and (\d+) records/.exec((await impact(...more)).stdout)?.[1]
      const erin = ['--user', 'erin', '--purpose', 'CARE']
      expect(await records(...erin, '--at', '2031-11-26T12:00:00Z')).toBe('5')
      expect(await records(...erin, '--at', '2031-11-26T20:00:00Z')).toBe('0')
      expect(await records('--user', 'dave', '--purpose', 'INCIDENT', '--context', reason)).toBe('14')
    },
    timeoutMs,
  )
})
