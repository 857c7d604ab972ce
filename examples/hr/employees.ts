/** Employees made up from a seed: the same seed gives the same people, on every machine. */
import { departments, grades, nationalities, relations, sexes, workLocations } from './employee-schema.ts'

export type PhoneNumber = { type: string; number: string }
export type Address = { streetAddressNumber: string; streetName: string; city: string; state: string; zipCode: string }
export type Manager = { uid: string; managers: Manager[] | null; managerType: string }
export type Employee = {
  uid: string
  name: string
  dateOfBirth: string
  contactNumbers: PhoneNumber[]
  emergencyContacts: { contactName: string; relation: string; contactNumbers: PhoneNumber[] }[]
  address: Address
  bankDetails: { sortCode: string; accountNumber: string }
  taxCode: string
  nationality: string
  manager: Manager[]
  hireDate: string
  grade: string
  department: string
  salaryAmount: number
  salaryBonus: number
  workLocation: { workLocationName: string; address: Address }
  sex: string
}

type Random = { int(below: number): number; pick<Item>(items: readonly Item[]): Item; digits(count: number): string }

const givenNames =
  'Ada Alan Barbara Claude Donald Edsger Frances Grace Hedy Ivan Joan Katherine Leslie Margaret Niklaus Olga Peter Radia Sophie Tim Ursula Vint Whitfield Xia Yuki Zeynep'.split(
    ' ',
  )
const familyNames =
  'Abbott Baker Chandra Dijon Evans Fischer Garcia Hughes Iqbal Jensen Kowalski Lindqvist Moreau Novak Okafor Patel Quinn Rossi Schmidt Tanaka Ueda Varga Walker Xu Young Ziegler'.split(
    ' ',
  )
const streets =
  'Acacia Avenue,Bridge Street,Church Lane,Dock Road,Elm Grove,Forge Hill,Garden Walk,High Street,Island Quay,Kings Road,Mill Lane,North Parade'.split(
    ',',
  )
const cities = ['Bristol', 'Cambridge', 'Leeds', 'Norwich', 'Oxford', 'Plymouth', 'York'] as const
const states = ['Avon', 'Cambridgeshire', 'Devon', 'Norfolk', 'Oxfordshire', 'Yorkshire'] as const
const phoneTypes = ['Mobile', 'Home', 'Work', 'Work Mobile'] as const
const managerTypes = ['Line Manager', 'Task Manager', 'Career Manager'] as const

/** Record `index` of a file; the first of each has Bob as its first (line) manager. */
export function employeeAt(seed: number, index: number): Employee {
  const random = randomOf(seed, index)
  const day = random.int(28) + 1
  const month = random.int(12) + 1
  const born = 1950 + random.int(50)
  const manager = managers(random, 2 + random.int(3))
  if (index === 0) manager[0]!.uid = 'Bob'
  return {
    uid: random.digits(10),
    name: personName(random),
    dateOfBirth: `${day}/${month}/${born}`,
    contactNumbers: phoneNumbers(random),
    emergencyContacts: Array.from({ length: 1 + random.int(3) }, () => ({
      contactName: personName(random),
      relation: random.pick(relations),
      contactNumbers: phoneNumbers(random),
    })),
    address: address(random),
    bankDetails: { sortCode: random.digits(6), accountNumber: random.digits(8) },
    taxCode: '11500L',
    nationality: random.pick(nationalities),
    manager,
    hireDate: `${day}/${month}/${born + 18 + random.int(5)}`,
    grade: random.pick(grades),
    department: random.pick(departments),
    salaryAmount: 20_000 + random.int(100_000),
    salaryBonus: random.int(10_000),
    workLocation: { workLocationName: random.pick(workLocations), address: address(random) },
    sex: random.pick(sexes),
  }
}

/** Three managers a level: a tree of height 2, 3 or 4 has 12, 39 or 120. */
function managers(random: Random, height: number): Manager[] {
  return managerTypes.map((managerType) => ({
    uid: random.digits(10),
    managers: height === 1 ? null : managers(random, height - 1),
    managerType,
  }))
}

function personName(random: Random): string {
  return `${random.pick(givenNames)} ${random.pick(familyNames)}`
}

function phoneNumbers(random: Random): PhoneNumber[] {
  return phoneTypes
    .slice(0, 1 + random.int(phoneTypes.length))
    .map((type) => ({ type, number: `07${random.digits(9)}` }))
}

function address(random: Random): Address {
  return {
    streetAddressNumber: String(1 + random.int(200)),
    streetName: random.pick(streets),
    city: random.pick(cities),
    state: random.pick(states),
    zipCode: random.digits(5),
  }
}

/** Mulberry32 over seed and index: records can be made in any order. */
function randomOf(seed: number, index: number): Random {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number) => Math.floor(next() * below)
  return {
    int,
    pick: (items) => items[int(items.length)]!,
    digits: (count) => Array.from({ length: count }, () => int(10)).join(''),
  }
}
