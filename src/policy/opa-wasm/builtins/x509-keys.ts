/** Private keys out of PEM, shown as Go's structures and as JSON Web Keys. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { record, type Value } from '../value.ts'
import { textOfBytes } from '../value-bytes.ts'
import { integer } from '../value-number.ts'
import { decodeBase64 } from './base64.ts'
import { BuiltinError } from './builtin.ts'
import { type PemBlock, pemBlocks } from './pem.ts'
import { readCertificate } from './x509-read.ts'

const keyTypes = ['RSA PRIVATE KEY', 'PRIVATE KEY', 'EC PRIVATE KEY']

export function parsePrivateKeys(text: string): Value {
  if (text === '') return null
  return privateKeys(text).map(goKey)
}

/** The first key; null where there is none. */
export function jwkOfPrivateKey(text: string): Value {
  if (text === '') throw new BuiltinError('input PEM data was empty')
  const pem = text.startsWith('-----BEGIN') ? text : textOfBytes(decodeBase64(text))
  const [first] = privateKeys(pem)
  if (first === undefined) return null
  const { kty, crv, n, e, d, p, q, dp, dq, qi, x, y } = first.export({ format: 'jwk' })
  return record({ kty, crv, n, e, d, p, q, dp, dq, qi, x, y })
}

export function parseKeyPair(certificateText: string, keyText: string): Value {
  const certificates = pemOrBase64(certificateText, 'CERTIFICATE').filter(({ type }) => type === 'CERTIFICATE')
  const first = certificates[0]
  if (first === undefined) throw new BuiltinError('tls: failed to find any PEM data in certificate input')
  const block = pemOrBase64(keyText, 'PRIVATE KEY').find(({ type }) => /(?:^| )PRIVATE KEY$/.test(type))
  if (block === undefined) throw new BuiltinError('tls: failed to find any PEM data in key input')
  const key = importKey(block)
  const leaf = readCertificate(first.bytes)
  if (!new X509Certificate(first.bytes).checkPrivateKey(key)) {
    throw new BuiltinError('tls: private key does not match public key')
  }
  return record({
    Certificate: certificates.map(({ bytes }) => bytes.toString('base64')),
    PrivateKey: goKey(key),
    SupportedSignatureAlgorithms: null,
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    Leaf: record(leaf.members),
  })
}

/** PEM, base64 of PEM, or base64 of DER. */
function pemOrBase64(text: string, type: string): readonly PemBlock[] {
  if (text.startsWith('-----BEGIN ')) return pemBlocks(text)
  const bytes = decodeBase64(text)
  return bytes.toString('latin1').startsWith('-----BEGIN ') ? pemBlocks(textOfBytes(bytes)) : [{ type, bytes }]
}

function privateKeys(text: string): readonly KeyObject[] {
  const pem = isBase64(text) ? textOfBytes(decodeBase64(text)) : text
  return pemBlocks(pem)
    .filter(({ type }) => keyTypes.includes(type))
    .map(importKey)
}

function isBase64(text: string): boolean {
  try {
    decodeBase64(text)
    return true
  } catch {
    return false
  }
}

function importKey({ type, bytes }: PemBlock): KeyObject {
  const der = type === 'RSA PRIVATE KEY' ? 'pkcs1' : type === 'EC PRIVATE KEY' ? 'sec1' : 'pkcs8'
  try {
    return createPrivateKey({ key: bytes, format: 'der', type: der })
  } catch (cause) {
    throw new BuiltinError('x509: failed to parse private key', 'eval_builtin_error', { cause })
  }
}

function goKey(key: KeyObject): Value {
  const jwk = key.export({ format: 'jwk' })
  const number = (member: string | undefined) => {
    const hex = Buffer.from(member ?? '', 'base64url').toString('hex')
    return integer(BigInt(`0x${hex === '' ? '0' : hex}`))
  }
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return record({
        N: number(jwk.n),
        E: number(jwk.e),
        D: number(jwk.d),
        Primes: [number(jwk.p), number(jwk.q)],
        Precomputed: record({ Dp: number(jwk.dp), Dq: number(jwk.dq), Qinv: number(jwk.qi), CRTValues: [] }),
      })
    case 'ec':
      return record({ Curve: record({}), X: number(jwk.x), Y: number(jwk.y), D: number(jwk.d) })
    case 'ed25519': {
      const seed = [jwk.d ?? '', jwk.x ?? ''].map((part) => Buffer.from(part, 'base64url'))
      return Buffer.concat(seed).toString('base64')
    }
    default:
      throw new BuiltinError('x509: unknown kind of private key')
  }
}
