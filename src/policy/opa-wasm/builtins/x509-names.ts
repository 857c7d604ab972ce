/** Names, addresses and URIs in certificates, as Go shows them in JSON. */
import { record, type Value } from '../value.ts'
import { type Der, derElements, derOid, derReader, derString, derTag, implicitTag, malformed } from './der.ts'
import { formatIp } from './ip.ts'
import { parseUrl } from './url.ts'

/** Attributes below 2.5.4 that have members of their own. */
const lists: Readonly<Record<number, string>> = {
  6: 'Country',
  7: 'Locality',
  8: 'Province',
  9: 'StreetAddress',
  10: 'Organization',
  11: 'OrganizationalUnit',
  17: 'PostalCode',
}
const singles: Readonly<Record<number, string>> = { 3: 'CommonName', 5: 'SerialNumber' }

export function nameOf(name: Der): Value {
  if (name.tag !== derTag.sequence) throw malformed()
  const names: Value[] = []
  const found: Record<string, Value[]> = {}
  for (const set of derElements(name.bytes)) {
    for (const attribute of derElements(set.bytes)) {
      const reader = derReader(attribute.bytes)
      const type = derOid(reader.next(derTag.oid))
      const value = derString(reader.next())
      if (value === undefined) throw malformed()
      names.push(record({ Type: type, Value: value }))
      const member = isAttribute(type) ? (lists[type[3]!] ?? singles[type[3]!]) : undefined
      if (member === undefined) continue
      found[member] ??= []
      found[member].push(value)
    }
  }
  return record({
    ...Object.fromEntries(Object.values(lists).map((member) => [member, found[member] ?? null])),
    ...Object.fromEntries(Object.values(singles).map((member) => [member, found[member]?.at(-1) ?? ''])),
    Names: names.length === 0 ? null : names,
    ExtraNames: null,
  })
}

function isAttribute(type: readonly number[]): boolean {
  return type.length === 4 && type[0] === 2 && type[1] === 5 && type[2] === 4
}

export type AlternativeNames = {
  readonly dns: readonly string[]
  readonly emails: readonly string[]
  readonly ips: readonly string[]
  readonly uris: readonly string[]
}

export const noAlternativeNames: AlternativeNames = { dns: [], emails: [], ips: [], uris: [] }

/** Kinds of general names, by their tags. */
export const generalName = { email: implicitTag(1), dns: implicitTag(2), uri: implicitTag(6), ip: implicitTag(7) }

export function alternativeNames(names: readonly Der[]): AlternativeNames {
  const texts = (tag: number) => names.filter((name) => name.tag === tag).map(({ bytes }) => asciiText(bytes))
  const ips = names.filter(({ tag }) => tag === generalName.ip).map(({ bytes }) => ipText(bytes))
  const uris = texts(generalName.uri)
  for (const uri of uris) parseUrl(uri)
  return { dns: texts(generalName.dns), emails: texts(generalName.email), ips, uris }
}

export function asciiText(bytes: Buffer): string {
  if (bytes.some((byte) => byte > 0x7f)) throw malformed()
  return bytes.toString('latin1')
}

/** 4 or 16 bytes. */
export function ipText(bytes: Buffer): string {
  if (bytes.length !== 4 && bytes.length !== 16) throw malformed()
  return formatIp(
    bytes.length === 4 ? (0xffffn << 32n) | BigInt(bytes.readUInt32BE()) : BigInt(`0x${bytes.toString('hex')}`),
  )
}

/** Lists that are empty are null. */
export function listOrNull(list: readonly Value[]): Value {
  return list.length === 0 ? null : list
}

export function alternativeNameMembers({ dns, emails, ips, uris }: AlternativeNames): Readonly<Record<string, Value>> {
  return {
    DNSNames: listOrNull(dns),
    EmailAddresses: listOrNull(emails),
    IPAddresses: listOrNull(ips),
    URIs: listOrNull(uris.map(uriValue)),
  }
}

function uriValue(text: string): Value {
  const url = parseUrl(text)
  const [beforeFragment] = text.split('#')
  const afterScheme = beforeFragment!.slice(beforeFragment!.indexOf(':') + 1)
  return record({
    Scheme: url.scheme,
    Opaque: url.opaque,
    User: /^\/\/[^/?]*@/.test(afterScheme) ? record({}) : null,
    Host: url.host,
    Path: url.path,
    RawPath: url.rawPath,
    OmitHost: url.scheme !== '' && /^\/(?!\/)/.test(afterScheme),
    ForceQuery: /^[^?]*\?$/.test(beforeFragment!),
    RawQuery: url.rawQuery,
    Fragment: url.fragment,
    RawFragment: '',
  })
}
