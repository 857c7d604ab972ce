/** Algorithms and public keys in certificates, numbered and shown as Go does. */
import { record, type Value } from '../value.ts'
import { integer } from '../value-number.ts'
import { type Der, derBits, derElement, derInteger, derOid, derReader, derTag, explicitTag } from './der.ts'

/** Go's x509.SignatureAlgorithm; what isn't here is 0. */
const signatureAlgorithms: Readonly<Record<string, number>> = {
  '1.2.840.113549.1.1.4': 2,
  '1.2.840.113549.1.1.5': 3,
  '1.3.14.3.2.29': 3,
  '1.2.840.113549.1.1.11': 4,
  '1.2.840.113549.1.1.12': 5,
  '1.2.840.113549.1.1.13': 6,
  '1.2.840.10040.4.3': 7,
  '2.16.840.1.101.3.4.3.2': 8,
  '1.2.840.10045.4.1': 9,
  '1.2.840.10045.4.3.2': 10,
  '1.2.840.10045.4.3.3': 11,
  '1.2.840.10045.4.3.4': 12,
  '1.3.101.112': 16,
}
const pss = '1.2.840.113549.1.1.10'
/** SHA-256, 384, 512. */
const pssHashes: Readonly<Record<string, number>> = {
  '2.16.840.1.101.3.4.2.1': 13,
  '2.16.840.1.101.3.4.2.2': 14,
  '2.16.840.1.101.3.4.2.3': 15,
}
const rsa = '1.2.840.113549.1.1.1'
const dsa = '1.2.840.10040.4.1'
const ecdsa = '1.2.840.10045.2.1'
const ed25519 = '1.3.101.112'
const x25519 = '1.3.101.110'
const keyAlgorithms: Readonly<Record<string, number>> = { [rsa]: 1, [dsa]: 2, [ecdsa]: 3, [ed25519]: 4 }

export function signatureAlgorithm({ bytes }: Der): number {
  const reader = derReader(bytes)
  const oid = derOid(reader.next(derTag.oid)).join('.')
  if (oid !== pss) return signatureAlgorithms[oid] ?? 0
  const hash = derReader(reader.next(derTag.sequence).bytes).optional(explicitTag(0))
  if (hash === undefined) return 0
  return pssHashes[derOid(derReader(derElement(hash.bytes).bytes).next(derTag.oid)).join('.')] ?? 0
}

export type PublicKeyFacts = { readonly algorithm: number; readonly value: Value }

/** Of the SubjectPublicKeyInfo; null for keys that Go doesn't know. */
export function publicKeyFacts({ bytes }: Der): PublicKeyFacts {
  const reader = derReader(bytes)
  const oid = derOid(derReader(reader.next(derTag.sequence).bytes).next(derTag.oid)).join('.')
  const key = derBits(reader.next(derTag.bitString)).bytes
  return { algorithm: keyAlgorithms[oid] ?? 0, value: publicKeyValue(oid, key) }
}

function publicKeyValue(oid: string, key: Buffer): Value {
  if (oid === rsa) {
    const reader = derReader(derElement(key, derTag.sequence).bytes)
    const modulus = derInteger(reader.next(derTag.integer))
    return record({ N: integer(modulus), E: integer(derInteger(reader.next(derTag.integer))) })
  }
  if (oid === ecdsa) return ecPoint(key)
  if (oid === ed25519) return key.toString('base64')
  return oid === x25519 ? record({}) : null
}

/** An uncompressed point. */
function ecPoint(key: Buffer): Value {
  const size = (key.length - 1) / 2
  const coordinate = (at: number) => integer(BigInt(`0x${key.subarray(at, at + size).toString('hex')}`))
  if (key[0] !== 4 || !Number.isInteger(size) || size === 0) return null
  return record({ Curve: record({}), X: coordinate(1), Y: coordinate(1 + size) })
}
