/** The specification of the HR example, written out a second time: what each user gets of each record, for each purpose. Knows nothing of policies. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import avro from 'avsc'

export type Address = {
  streetAddressNumber: string | null
  streetName: string | null
  city: string
  state: string
  zipCode: string
}
export type Manager = { uid: string; managers: Manager[] | null; managerType: string }
export type Employee = Record<string, unknown> & {
  uid: string
  manager: Manager[] | null
  address: Address | null
  workLocation: { workLocationName: string; address: Address }
}

export const hrFolder = fileURLToPath(new URL('../../examples/hr/data', import.meta.url))
export const hrFiles = ['employee_file0.avro', 'employee_file1.avro'] as const
export const hrUsers = ['Alice', 'Bob', 'Eve'] as const
export const hrPurposes = ['SALARY', 'DUTY_OF_CARE', 'STAFF_REPORT', '', 'salary', 'something else'] as const
export type HrUser = (typeof hrUsers)[number]

export function readEmployees(file: string): Promise<Employee[]> {
  return decodeEmployees(readFileSync(`${hrFolder}/${file}`))
}

/** With the ordinary library; rejects what is not a whole container. */
export function decodeEmployees(bytes: Uint8Array): Promise<Employee[]> {
  return new Promise((resolve, reject) => {
    const records: Employee[] = []
    const decoder = new avro.streams.BlockDecoder()
    decoder.on('data', (record: unknown) => records.push(JSON.parse(JSON.stringify(record)) as Employee))
    decoder.on('error', reject)
    decoder.on('end', () => resolve(records))
    decoder.end(Buffer.from(bytes))
  })
}

/** Which files a user is told of: the second is for HR only. */
export function visibleFiles(user: HrUser): readonly string[] {
  return user === 'Alice' ? hrFiles : [hrFiles[0]]
}

/** undefined: the record is not returned. */
export function expectedRecord(user: HrUser, purpose: string, original: Employee): Employee | undefined {
  const isHr = user === 'Alice'
  const isEstates = user === 'Bob'
  const inTree = hasManager(original.manager, user)
  if (!isHr && !inTree && !isEstates) return undefined
  const record = structuredClone(original) as Employee
  if (!(isHr && purpose === 'SALARY'))
    Object.assign(record, { bankDetails: null, taxCode: null, salaryAmount: -1, salaryBonus: -1 })
  if (!(purpose === 'DUTY_OF_CARE' && (isHr || inTree)))
    Object.assign(record, { contactNumbers: null, emergencyContacts: null, sex: null })
  if (!(isHr && purpose === 'STAFF_REPORT')) record.nationality = null
  if (!isHr && !(inTree && purpose === 'DUTY_OF_CARE')) {
    if (isEstates) for (const address of [record.address!, record.workLocation.address]) mask(address)
    else record.address = null
  }
  if (!isHr && !inTree) Object.assign(record, { dateOfBirth: null, manager: null, hireDate: null, grade: null })
  return record
}

function mask(address: Address): void {
  address.streetAddressNumber = null
  address.streetName = null
  address.zipCode = `${address.zipCode.slice(0, -1)}*`
}

function hasManager(managers: readonly Manager[] | null, user: string): boolean {
  return managers?.some(({ uid, managers: above }) => uid === user || hasManager(above, user)) ?? false
}
