/** What certificates say by extensions: each that Go knows adds members, others only count as unhandled when they are critical. */
import { record, type Value } from '../value.ts'
import {
  type Der,
  derBits,
  derBoolean,
  derElement,
  derElements,
  derInteger,
  derOid,
  derReader,
  derTag,
  explicitTag,
  implicitTag,
  malformed,
} from './der.ts'
import {
  type AlternativeNames,
  alternativeNames,
  asciiText,
  generalName,
  ipText,
  listOrNull,
  noAlternativeNames,
} from './x509-names.ts'

export type Extension = { readonly id: readonly number[]; readonly isCritical: boolean; readonly value: Buffer }

type Members = Record<string, Value>

/** The members, and what verification needs to know. */
export type ExtensionFacts = {
  readonly members: Members
  readonly names: AlternativeNames
  readonly isAuthority: boolean
  readonly hasBasicConstraints: boolean
  /** How many authorities may follow; undefined: any number. */
  readonly pathLengthMax: number | undefined
  readonly keyUsage: number
  readonly extendedUsages: readonly number[]
  readonly hasUnknownUsages: boolean
  readonly unhandledCritical: readonly (readonly number[])[]
  readonly hasNameConstraints: boolean
}

/** In the order of Go's constants, from 0. */
export const extendedUsageOids = [
  '2.5.29.37.0',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `1.3.6.1.5.5.7.3.${number}`),
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
]

export function readExtensions(sequence: Der): readonly Extension[] {
  return derElements(sequence.bytes).map((extension) => {
    const reader = derReader(extension.bytes)
    const id = derOid(reader.next(derTag.oid))
    const critical = reader.optional(derTag.boolean)
    return {
      id,
      isCritical: critical !== undefined && derBoolean(critical),
      value: reader.next(derTag.octetString).bytes,
    }
  })
}

export function extensionList(extensions: readonly Extension[]): Value {
  return listOrNull(
    extensions.map(({ id, isCritical, value }) =>
      record({ Id: id, Critical: isCritical, Value: value.toString('base64') }),
    ),
  )
}

export function extensionFacts(extensions: readonly Extension[]): ExtensionFacts {
  const members = emptyMembers()
  let names = noAlternativeNames
  let keyUsage = 0
  let extended: { readonly known: readonly number[]; readonly unknown: readonly (readonly number[])[] } | undefined
  let constraints: BasicConstraints | undefined
  let hasNameConstraints = false
  const unhandled: (readonly number[])[] = []
  for (const { id, isCritical, value } of extensions) {
    switch (id.join('.')) {
      case '2.5.29.15':
        keyUsage = keyUsageOf(derElement(value, derTag.bitString))
        members.KeyUsage = keyUsage
        break
      case '2.5.29.19':
        constraints = basicConstraints(derElement(value, derTag.sequence))
        members.BasicConstraintsValid = true
        members.IsCA = constraints.isAuthority
        members.MaxPathLen = constraints.pathLength
        members.MaxPathLenZero = constraints.pathLength === 0
        break
      case '2.5.29.17':
        names = alternativeNames(derElements(derElement(value, derTag.sequence).bytes))
        if (isCritical && Object.values(names).every((list) => list.length === 0)) unhandled.push(id)
        break
      case '2.5.29.30':
        hasNameConstraints = true
        Object.assign(members, nameConstraints(derElement(value, derTag.sequence), isCritical))
        break
      case '2.5.29.31':
        members.CRLDistributionPoints = distributionPoints(derElement(value, derTag.sequence))
        break
      case '2.5.29.35':
        members.AuthorityKeyId = authorityKeyId(derElement(value, derTag.sequence))
        break
      case '2.5.29.36':
        Object.assign(members, policyConstraints(derElement(value, derTag.sequence)))
        break
      case '2.5.29.37':
        extended = extendedUsages(derElement(value, derTag.sequence))
        members.ExtKeyUsage = listOrNull(extended.known)
        members.UnknownExtKeyUsage = listOrNull(extended.unknown)
        break
      case '2.5.29.14':
        members.SubjectKeyId = derElement(value, derTag.octetString).bytes.toString('base64')
        break
      case '2.5.29.32':
        Object.assign(members, policies(derElement(value, derTag.sequence)))
        break
      case '2.5.29.33':
        members.PolicyMappings = policyMappings(derElement(value, derTag.sequence))
        break
      case '2.5.29.54':
        Object.assign(members, counted('InhibitAnyPolicy', derElement(value, derTag.integer)))
        break
      case '1.3.6.1.5.5.7.1.1':
        Object.assign(members, authorityAccess(derElement(value, derTag.sequence)))
        break
      default:
        if (isCritical) unhandled.push(id)
    }
  }
  members.UnhandledCriticalExtensions = listOrNull(unhandled)
  return {
    members,
    names,
    isAuthority: constraints?.isAuthority ?? false,
    hasBasicConstraints: constraints !== undefined,
    pathLengthMax: constraints === undefined || constraints.pathLength < 0 ? undefined : constraints.pathLength,
    keyUsage,
    extendedUsages: extended?.known ?? [],
    hasUnknownUsages: (extended?.unknown.length ?? 0) > 0,
    unhandledCritical: unhandled,
    hasNameConstraints,
  }
}

function emptyMembers(): Members {
  const empty = [
    ...['AuthorityKeyId', 'SubjectKeyId', 'CRLDistributionPoints', 'ExcludedDNSDomains', 'ExcludedEmailAddresses'],
    ...['ExcludedIPRanges', 'ExcludedURIDomains', 'ExtKeyUsage', 'ExtraExtensions', 'IssuingCertificateURL'],
    ...['OCSPServer', 'PermittedDNSDomains', 'PermittedEmailAddresses', 'PermittedIPRanges', 'PermittedURIDomains'],
    ...['Policies', 'PolicyIdentifiers', 'PolicyMappings', 'UnhandledCriticalExtensions', 'UnknownExtKeyUsage'],
  ]
  const zero = ['InhibitAnyPolicy', 'InhibitPolicyMapping', 'RequireExplicitPolicy', 'KeyUsage', 'MaxPathLen']
  const no = [
    ...['BasicConstraintsValid', 'IsCA', 'MaxPathLenZero', 'PermittedDNSDomainsCritical', 'InhibitAnyPolicyZero'],
    ...['InhibitPolicyMappingZero', 'RequireExplicitPolicyZero'],
  ]
  return Object.fromEntries([
    ...empty.map((name) => [name, null] as const),
    ...zero.map((name) => [name, 0] as const),
    ...no.map((name) => [name, false] as const),
  ])
}

/** The first bit is 1, the second 2, and so on. */
function keyUsageOf(bitString: Der): number {
  const { bytes } = derBits(bitString)
  let usage = 0
  for (let bit = 0; bit < 9; bit++) {
    const byte = bytes[bit >> 3] ?? 0
    if ((byte & (0x80 >> (bit & 7))) !== 0) usage |= 1 << bit
  }
  return usage
}

type BasicConstraints = { readonly isAuthority: boolean; readonly pathLength: number }

function basicConstraints({ bytes }: Der): BasicConstraints {
  const reader = derReader(bytes)
  const authority = reader.optional(derTag.boolean)
  const length = reader.optional(derTag.integer)
  return {
    isAuthority: authority !== undefined && derBoolean(authority),
    pathLength: length === undefined ? -1 : Number(derInteger(length)),
  }
}

function extendedUsages({ bytes }: Der) {
  const oids = derElements(bytes).map(derOid)
  const known = oids.map((oid) => extendedUsageOids.indexOf(oid.join('.'))).filter((index) => index >= 0)
  return { known, unknown: oids.filter((oid) => !extendedUsageOids.includes(oid.join('.'))) }
}

function nameConstraints({ bytes }: Der, isCritical: boolean): Members {
  const reader = derReader(bytes)
  const permitted = reader.optional(explicitTag(0))
  const excluded = reader.optional(explicitTag(1))
  return {
    PermittedDNSDomainsCritical: isCritical,
    ...constrained('Permitted', permitted),
    ...constrained('Excluded', excluded),
  }
}

function constrained(prefix: string, subtrees: Der | undefined): Members {
  const names = subtrees === undefined ? [] : derElements(subtrees.bytes).map(({ bytes }) => derReader(bytes).next())
  const texts = (tag: number) =>
    listOrNull(names.filter((name) => name.tag === tag).map((name) => asciiText(name.bytes)))
  return {
    [`${prefix}DNSDomains`]: texts(generalName.dns),
    [`${prefix}EmailAddresses`]: texts(generalName.email),
    [`${prefix}URIDomains`]: texts(generalName.uri),
    [`${prefix}IPRanges`]: listOrNull(
      names.filter((name) => name.tag === generalName.ip).map((name) => ipRange(name.bytes)),
    ),
  }
}

function ipRange(bytes: Buffer): Value {
  const half = bytes.length / 2
  if (half !== 4 && half !== 16) throw malformed()
  return record({ IP: ipText(bytes.subarray(0, half)), Mask: bytes.subarray(half).toString('base64') })
}

function distributionPoints({ bytes }: Der): Value {
  const urls: string[] = []
  for (const point of derElements(bytes)) {
    const name = derReader(point.bytes).optional(explicitTag(0))
    const full = name === undefined ? undefined : derReader(name.bytes).optional(explicitTag(0))
    if (full === undefined) continue
    for (const entry of derElements(full.bytes)) if (entry.tag === generalName.uri) urls.push(asciiText(entry.bytes))
  }
  return listOrNull(urls)
}

function authorityKeyId({ bytes }: Der): Value {
  return derReader(bytes).optional(implicitTag(0))?.bytes.toString('base64') ?? null
}

/** A number, and whether it is zero because it was said to be. */
function counted(name: string, integer: Der): Members {
  const value = Number(derInteger(integer))
  return { [name]: value, [`${name}Zero`]: value === 0 }
}

function policyConstraints({ bytes }: Der): Members {
  const reader = derReader(bytes)
  const explicit = reader.optional(implicitTag(0))
  const mapping = reader.optional(implicitTag(1))
  return {
    ...(explicit === undefined ? {} : counted('RequireExplicitPolicy', explicit)),
    ...(mapping === undefined ? {} : counted('InhibitPolicyMapping', mapping)),
  }
}

function policies({ bytes }: Der): Members {
  const oids = derElements(bytes).map((policy) => derOid(derReader(policy.bytes).next(derTag.oid)))
  return { PolicyIdentifiers: listOrNull(oids), Policies: listOrNull(oids.map((oid) => oid.join('.'))) }
}

function policyMappings({ bytes }: Der): Value {
  return listOrNull(
    derElements(bytes).map((mapping) => {
      const reader = derReader(mapping.bytes)
      const [issuer, subject] = [reader.next(derTag.oid), reader.next(derTag.oid)].map((oid) => derOid(oid).join('.'))
      return record({ IssuerDomainPolicy: issuer!, SubjectDomainPolicy: subject! })
    }),
  )
}

function authorityAccess({ bytes }: Der): Members {
  const urls: Record<string, string[]> = {}
  for (const access of derElements(bytes)) {
    const reader = derReader(access.bytes)
    const method = derOid(reader.next(derTag.oid)).join('.')
    const location = reader.next()
    if (location.tag !== generalName.uri) continue
    urls[method] ??= []
    urls[method].push(asciiText(location.bytes))
  }
  return {
    OCSPServer: listOrNull(urls['1.3.6.1.5.5.7.48.1'] ?? []),
    IssuingCertificateURL: listOrNull(urls['1.3.6.1.5.5.7.48.2'] ?? []),
  }
}
