/** The engine over the product's own bundle: what each user of the HR example may ask for, see, and gets of each record. */
import { beforeAll, describe, expect, test } from 'vitest'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import type { PolicyEngine } from '../../src/policy/policy-engine.ts'
import {
  type Employee,
  expectedRecord,
  hrFiles,
  hrPurposes,
  hrUsers,
  readEmployees,
  visibleFiles,
} from '../e2e/hr-truth.ts'
import { openSchema } from './support/access.ts'
import { type HrPerson, hrLeaf, hrPeople, hrQuery, loadHrEngine } from './support/hr.ts'
import { recordUnder } from './support/masked.ts'

/** The same employee with one more manager, deep in the tree. */
function managedBy(employee: Employee, uid: string): Employee {
  const manager = { uid, managers: null, managerType: 'TEAM_LEADER' }
  return { ...employee, manager: [{ uid: 'somebody', managers: [manager], managerType: 'TEAM_LEADER' }] }
}

describe.each([
  ['with all layers', true],
  ['by the plain path', false],
])('the HR policies, %s,', (_, fast) => {
  let engine: PolicyEngine
  let employees: readonly Employee[]
  beforeAll(async () => {
    engine = loadHrEngine({ fast })
    employees = await readEmployees(hrFiles[0])
  })

  test('say which revision decided', () => {
    expect(engine.revision).toMatch(/^[0-9a-f]{64}$/)
    expect(engine.decideUser({ ...hrQuery('Alice', ''), resource: hrLeaf().id })).toEqual({
      effect: 'permit',
      revision: engine.revision,
    })
  })

  test('let active accounts ask, and tell a suspended one why not', () => {
    const folder = parseResourceId('file:/data/hr/')
    const effects = (Object.keys(hrPeople) as HrPerson[]).map(
      (person) => `${person}: ${engine.decideUser({ ...hrQuery(person, ''), resource: folder }).effect}`,
    )
    expect(effects).toEqual(['Alice: permit', 'Bob: permit', 'Eve: permit', 'Mallory: deny'])
    expect(engine.decideUser({ ...hrQuery('Mallory', ''), resource: folder })).toEqual({
      effect: 'deny',
      revision: engine.revision,
      reasons: [
        {
          code: 'user.suspended',
          rule: 'org.active',
          layer: 'organisation',
          title: 'This account is suspended. Ask the administrator of the user directory to activate it.',
          place: expect.stringMatching(/rules\/org\/active\/active\.rego:\d+$/) as string,
        },
      ],
    })
  })

  test('show each file to whom it is for', () => {
    for (const user of hrUsers)
      for (const purpose of hrPurposes) {
        const seen = hrFiles.filter((file) => engine.decideResource(hrQuery(user, purpose, file)).effect === 'permit')
        expect(seen).toEqual(visibleFiles(user))
      }
  })

  test('deny what nothing is attached to', () => {
    const resource = parseResourceId('file:/elsewhere/x.avro')
    const query = { ...hrQuery('Alice', 'SALARY'), leaf: { ...hrLeaf(), id: resource } }
    expect(engine.decideUser({ ...query, resource })).toMatchObject({ reasons: [{ code: 'policy.missing' }] })
    expect(engine.decideResource(query)).toMatchObject({ effect: 'deny' })
    expect(engine.prepare(query, openSchema)).toEqual({ kind: 'deny', reasons: [{ code: 'policy.missing' }] })
  })

  test('give of each record what the specification says, for each user and purpose', () => {
    const outcomes = new Set<string>()
    for (const user of hrUsers)
      for (const purpose of hrPurposes) {
        const policy = engine.prepare(hrQuery(user, purpose), openSchema)
        for (const employee of employees.slice(0, 40).flatMap((each) => [each, managedBy(each, user)])) {
          const expected = expectedRecord(user, purpose, employee)
          expect(recordUnder(policy, employee)).toEqual(expected)
          outcomes.add(`${user} ${expected === undefined ? 'nothing' : 'something'}`)
        }
      }
    expect([...outcomes].sort()).toEqual(['Alice something', 'Bob something', 'Eve nothing', 'Eve something'])
  })
})

describe('the layers above the HR policies', () => {
  const engine = loadHrEngine()
  const kinds = (user: HrPerson) => hrPurposes.map((purpose) => engine.prepare(hrQuery(user, purpose), openSchema).kind)

  test('decide HR staff once, and everybody else by whom they manage', () => {
    expect(kinds('Alice')).toEqual(hrPurposes.map(() => 'constant'))
    expect(kinds('Bob')).toEqual(hrPurposes.map(() => 'by-facts'))
    expect(kinds('Eve')).toEqual(hrPurposes.map(() => 'by-facts'))
  })
})
