/** semver.* and uuid.*, as OPA reads them. */
import { compareStrings, record, type Value } from '../value.ts'
import { integer } from '../value-number.ts'
import { type Builtin, type BuiltinContext, BuiltinError } from './builtin.ts'
import { goText } from './go-quote.ts'
import { operand, stringOperand } from './operands.ts'

export const versionBuiltins: Readonly<Record<string, Builtin>> = {
  'semver.compare': (args) => compareVersions(versionOperand(args, 1), versionOperand(args, 2)),
  'semver.is_valid': (args) => {
    const version = operand(args, 1)
    return typeof version === 'string' && parseVersion(version) !== undefined
  },
  'uuid.parse': (args) => parseUuid(stringOperand(args, 1)),
  'uuid.rfc4122': (args, context) => randomUuid(operand(args, 1), context),
}

type Version = { readonly release: readonly bigint[]; readonly preRelease: readonly string[] }

const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const versionSyntax = new RegExp(
  `^v?(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(?:-(${identifiers}))?(?:\\+${identifiers})?$`,
)
const partMax = 2n ** 63n - 1n

function parseVersion(text: string): Version | undefined {
  const parts = versionSyntax.exec(text)
  if (parts === null) return undefined
  const release = parts.slice(1, 4).map(BigInt)
  const preRelease = parts[4]?.split('.') ?? []
  if (release.some((part) => part > partMax) || preRelease.some((part) => /^0[0-9]+$/.test(part))) return undefined
  return { release, preRelease }
}

function versionOperand(args: readonly Value[], position: number): Version {
  const text = stringOperand(args, position)
  const version = parseVersion(text)
  if (version === undefined) throw new BuiltinError(`operand ${position}: string ${text} is not a valid SemVer`)
  return version
}

function compareVersions(left: Version, right: Version): number {
  for (let part = 0; part < 3; part++) {
    const [a, b] = [left.release[part]!, right.release[part]!]
    if (a !== b) return a < b ? -1 : 1
  }
  if (left.preRelease.length === 0 || right.preRelease.length === 0) {
    return Math.sign(right.preRelease.length - left.preRelease.length)
  }
  const shared = Math.min(left.preRelease.length, right.preRelease.length)
  for (let part = 0; part < shared; part++) {
    const order = comparePreRelease(left.preRelease[part]!, right.preRelease[part]!)
    if (order !== 0) return order
  }
  return Math.sign(left.preRelease.length - right.preRelease.length)
}

/** Numbers come before words, and compare as numbers. */
function comparePreRelease(left: string, right: string): number {
  const [leftIsNumber, rightIsNumber] = [/^[0-9]+$/.test(left), /^[0-9]+$/.test(right)]
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1
  if (!leftIsNumber) return Math.sign(compareStrings(left, right))
  return BigInt(left) < BigInt(right) ? -1 : BigInt(left) > BigInt(right) ? 1 : 0
}

const uuidSyntax = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function uuidBytes(text: string): Buffer | undefined {
  if (/^[0-9a-f]{32}$/i.test(text)) return Buffer.from(text, 'hex')
  let plain = text
  if (text.length === 45 && /^urn:uuid:/i.test(text)) plain = text.slice(9)
  // As in the library that OPA uses, any two characters may stand around it.
  else if (text.length === 38) plain = text.slice(1, 37)
  return uuidSyntax.test(plain) ? Buffer.from(plain.replaceAll('-', ''), 'hex') : undefined
}

/** 100 ns steps between 15 October 1582 and 1970. */
const epochSteps = 122_192_928_000_000_000n
const domains = ['Person', 'Group', 'Org']

/** Undefined, not a failure, for what is no UUID. */
function parseUuid(text: string): Value | undefined {
  const bytes = uuidBytes(text)
  if (bytes === undefined) return undefined
  const version = bytes[6]! >> 4
  const common = { version, variant: variantOf(bytes[8]!) }
  if (version !== 1 && version !== 2) return record(common)
  const node = bytes.subarray(10)
  const clock = {
    ...common,
    // Go's int64 overflows beyond the year 2262.
    time: integer(BigInt.asIntN(64, (timeOf(bytes) - epochSteps) * 100n)),
    nodeid: node.toString('hex').match(/../g)!.join('-'),
    macvariables: `${(node[0]! & 2) === 0 ? 'global' : 'local'}:${(node[0]! & 1) === 0 ? 'unicast' : 'multicast'}`,
    clocksequence: bytes.readUInt16BE(8) & 0x3fff,
  }
  if (version === 1) return record(clock)
  return record({ ...clock, id: bytes.readUInt32BE(0), domain: domains[bytes[9]!] ?? `Domain${bytes[9]}` })
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return 'RFC4122'
  if ((byte & 0xe0) === 0xc0) return 'Microsoft'
  return (byte & 0xe0) === 0xe0 ? 'Future' : 'Reserved'
}

function timeOf(bytes: Buffer): bigint {
  return (
    BigInt(bytes.readUInt32BE(0)) |
    (BigInt(bytes.readUInt16BE(4)) << 32n) |
    (BigInt(bytes.readUInt16BE(6) & 0xfff) << 48n)
  )
}

/** The same for the same argument within one evaluation. */
function randomUuid(key: Value, context: BuiltinContext): string {
  const slot = `uuid.rfc4122 ${goText(key)}`
  const known = context.memory.get(slot)
  if (typeof known === 'string') return known
  const bytes = Buffer.from(context.random(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  const uuid = [0, 8, 12, 16, 20].map((at, index) => hex.slice(at, [8, 12, 16, 20, 32][index])).join('-')
  context.memory.set(slot, uuid)
  return uuid
}
