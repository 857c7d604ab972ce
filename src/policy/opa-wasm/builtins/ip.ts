/** IP addresses and networks as Go's net package reads and writes them; an IPv4 address is its IPv4-mapped IPv6 address. */

/** `bits` counts from the 128-bit address: 96 + n for an IPv4 network of n bits. */
export type Network = { readonly address: bigint; readonly bits: number }

const mapped = 0xffffn << 32n
export const ipBits = 128

export function isIpv4(address: bigint): boolean {
  return address >> 32n === 0xffffn
}

/** Without a zone. */
export function parseIp(text: string): bigint | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): bigint | undefined {
  const value = ipv4Value(text)
  return value === undefined ? undefined : mapped | value
}

function ipv4Value(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0]!, halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1]!, true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  let value = 0n
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group)
  return value
}

/** An IPv4 address may stand for the last two groups. */
function groups(text: string, last: boolean): readonly number[] | undefined {
  if (text === '') return []
  const out: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const value = ipv4Value(part)
      if (value === undefined) return undefined
      out.push(Number(value >> 16n), Number(value & 0xffffn))
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16))
    else return undefined
  }
  return out
}

/** The network's own address, masked. */
export function parseCidr(text: string): Network | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseIp(text.slice(0, slash))
  const mask = text.slice(slash + 1)
  if (address === undefined || !/^[0-9]{1,8}$/.test(mask)) return undefined
  const isDotted = !text.slice(0, slash).includes(':')
  const length = Number(mask)
  if (length > (isDotted ? 32 : ipBits)) return undefined
  const bits = isDotted ? length + 96 : length
  return { address: masked(address, bits), bits }
}

export function masked(address: bigint, bits: number): bigint {
  const host = BigInt(ipBits - bits)
  return (address >> host) << host
}

export function lastAddress({ address, bits }: Network): bigint {
  return masked(address, bits) | ((1n << BigInt(ipBits - bits)) - 1n)
}

/** IPv4 networks hold IPv4 addresses only, and IPv6 networks no IPv4-mapped ones. */
export function networkContains(network: Network, address: bigint): boolean {
  return (
    isIpv4(network.address) === isIpv4(address) &&
    masked(address, network.bits) === masked(network.address, network.bits)
  )
}

export function formatIp(address: bigint): string {
  if (isIpv4(address)) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.')
  const words = Array.from({ length: 8 }, (_, index) => Number((address >> BigInt(112 - index * 16)) & 0xffffn))
  const run = longestZeros(words)
  const hex = (part: readonly number[]) => part.map((word) => word.toString(16)).join(':')
  if (run.length < 2) return hex(words)
  return `${hex(words.slice(0, run.start))}::${hex(words.slice(run.start + run.length))}`
}

function longestZeros(words: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < words.length; start++) {
    let length = 0
    while (words[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

export function formatNetwork({ address, bits }: Network): string {
  return `${formatIp(address)}/${isIpv4(address) ? bits - 96 : bits}`
}
