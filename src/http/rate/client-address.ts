/** What counts as one client among addresses: an IPv4 address, or the network of 64 bits that one customer is given of IPv6. */
import { isIPv4, isIPv6 } from 'node:net'

const groupsOfAddress = 8
const groupsOfNetwork = 4

/** `203.0.113.7`, `2001:db8:0:1::/64`; `unknown` for a client that is gone already, and for text that is no address, which a proxy may hand on. Its port, which some proxies send along, makes no difference. */
export function clientAddress(address = ''): string {
  const [, inBrackets, beforePort] = /^(?:\[([^\]]*)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5})$/u.exec(address) ?? []
  const bare = (inBrackets ?? beforePort ?? address).replace(/%.*$/u, '')
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return 'unknown'
  const mapped = /^::ffff:([0-9.]+)$/iu.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = bare.split('::')
  const left = groupsIn(head)
  const right = groupsIn(tail ?? '')
  // an IPv4 address at the end stands for two groups
  const embedded = bare.includes('.') ? 1 : 0
  const zeros = tail === undefined ? 0 : groupsOfAddress - left.length - right.length - embedded
  const network = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, groupsOfNetwork)
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

function groupsIn(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
