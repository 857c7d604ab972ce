/** net.cidr_*: what WASM leaves to the host. */
import { type Entry, isArray, isObject, isSet, setOf, type Value } from '../value.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import {
  formatIp,
  formatNetwork,
  ipBits,
  isIpv4,
  lastAddress,
  masked,
  type Network,
  networkContains,
  parseCidr,
  parseIp,
} from './ip.ts'
import { operand, stringOperand } from './operands.ts'

export const netBuiltins: Readonly<Record<string, Builtin>> = {
  'net.cidr_is_valid': (args) => {
    const text = operand(args, 1)
    return typeof text === 'string' && parseCidr(text) !== undefined
  },
  'net.cidr_expand': (args) => expand(cidr(stringOperand(args, 1))),
  'net.cidr_contains_matches': (args) => containsMatches(operand(args, 1), operand(args, 2)),
  'net.cidr_merge': (args) => merge(operand(args, 1)),
}

/** Addresses that net.cidr_expand lists at most: a /12 of IPv4. */
const addressesMax = 1n << 20n

function cidr(text: string): Network {
  const network = parseCidr(text)
  if (network === undefined) throw new BuiltinError(`invalid CIDR address: ${text}`)
  return network
}

function expand(network: Network): Value {
  const last = lastAddress(network)
  if (last - network.address >= addressesMax) throw new BuiltinError('too many addresses')
  const addresses: string[] = []
  for (let address = network.address; address <= last; address++) {
    if (networkContains(network, address)) addresses.push(formatIp(address))
  }
  return setOf(addresses)
}

function containsMatches(left: Value, right: Value): Value {
  const matches: Value[] = []
  const outer = members(left, 1)
  // The second operand isn't looked at unless the first has something in it.
  const inner = outer.length === 0 ? [] : members(right, 2)
  for (const [key, network] of outer) {
    for (const [otherKey, other] of inner) if (contains(network, other)) matches.push([key, otherKey])
  }
  return setOf(matches)
}

/** Each text with the key it is reported by: its index, its key, or itself. */
function members(operand: Value, position: number): readonly Entry[] {
  if (typeof operand === 'string') return [[operand, operand]]
  if (isArray(operand)) return operand.map((item, index) => [index, matchTerm(item, position)])
  if (isSet(operand)) return operand.items.map((item) => [item, matchTerm(item, position)])
  if (isObject(operand)) return operand.entries.map(([key, item]) => [key, matchTerm(item, position)])
  return []
}

function matchTerm(item: Value, position: number): Value {
  if (typeof item === 'string') return item
  if (isArray(item) && item.length > 0) return item[0]!
  throw new BuiltinError(`operand ${position}: element must be string or non-empty array`)
}

function contains(network: Value, other: Value): boolean {
  const outer = cidr(stringOperand([network], 1))
  const text = stringOperand([other], 1)
  const address = parseIp(text)
  if (address !== undefined) return networkContains(outer, address)
  const inner = parseCidr(text)
  if (inner === undefined) {
    throw new BuiltinError(`not a valid textual representation of an IP address or CIDR: ${text}`)
  }
  return networkContains(outer, inner.address) && networkContains(outer, lastAddress(inner))
}

/** `network` as it was written, until the range has been merged with another. */
type Range = { readonly first: bigint; readonly last: bigint; readonly network?: Network }

function merge(operand: Value): Value {
  if (!isArray(operand) && !isSet(operand)) throw new BuiltinError('operand must be an array')
  const items = isArray(operand) ? operand : operand.items
  const ranges = items.map(network).map((item) => ({
    first: masked(item.address, item.bits),
    last: lastAddress(item),
    network: item,
  }))
  return setOf(mergeRanges(ranges).flatMap(networksOf).map(formatNetwork))
}

function network(item: Value): Network {
  if (typeof item !== 'string') throw new BuiltinError('element must be string')
  const address = parseIp(item)
  if (address === undefined) return cidr(item)
  if (!isIpv4(address)) throw new BuiltinError('IPv6 invalid: needs prefix length')
  return { address, bits: 96 + classBits(Number((address >> 24n) & 0xffn)) }
}

/** A bare IPv4 address stands for the network of its class. */
function classBits(firstByte: number): number {
  if (firstByte < 0x80) return 8
  return firstByte < 0xc0 ? 16 : 24
}

function mergeRanges(ranges: readonly Range[]): readonly Range[] {
  const merged = [...ranges].sort((a, b) => compare(a.last, b.last) || compare(a.first, b.first))
  for (let index = merged.length - 1; index > 0; index--) {
    const upper = merged[index]!
    const lower = merged[index - 1]!
    if (addressBefore(upper.first) > lower.last) continue
    merged.splice(index - 1, 2, { first: smaller(lower.first, upper.first), last: upper.last })
  }
  return merged
}

function addressBefore(address: bigint): bigint {
  return address === 0n || address === 0xffffn << 32n ? address : address - 1n
}

function smaller(a: bigint, b: bigint): bigint {
  return compare(a, b) < 0 ? a : b
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The fewest networks that cover the range. */
function networksOf({ first, last, network }: Range): readonly Network[] {
  if (network !== undefined) return [network]
  const networks: Network[] = []
  for (let address = first; address <= last; ) {
    let bits = ipBits
    while (bits > 0 && masked(address, bits - 1) === address && lastAddress({ address, bits: bits - 1 }) <= last) bits--
    if (isIpv4(address) && bits < 96) bits = 96
    networks.push({ address, bits })
    address = lastAddress({ address, bits }) + 1n
  }
  return networks
}
