/** Keys that sign and verify JSON Web Tokens: PEM certificates, PEM public keys, JWKs and sets of them. */
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto'
import { getKey, isArray, isObject, type RegoObject, type Value } from '../value.ts'
import { valueFromLenientJson } from '../value-text.ts'
import { BuiltinError } from './builtin.ts'
import { decodePem } from './pem.ts'

export type VerificationKey = { readonly algorithm: string; readonly id: string; readonly key: KeyObject }

type Algorithm = { readonly family: 'HS' | 'RS' | 'PS' | 'ES' | 'EdDSA'; readonly hash: string }

const algorithms: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ...(['HS', 'RS', 'PS', 'ES'] as const).flatMap((family) =>
    ['256', '384', '512'].map((bits) => [family + bits, { family, hash: `sha${bits}` }] as const),
  ),
  ['EdDSA', { family: 'EdDSA', hash: '' }],
])

export function isJwtAlgorithm(name: string): boolean {
  return algorithms.has(name)
}

export function parseVerificationKeys(text: string): readonly VerificationKey[] {
  const pem = decodePem(text)
  if (pem !== undefined) return [{ algorithm: '', id: '', key: pemKey(pem) }]
  return parseJwks(text)
    .filter((jwk) => member(jwk, 'alg') === '' || isJwtAlgorithm(member(jwk, 'alg')))
    .map((jwk) => ({ algorithm: member(jwk, 'alg'), id: member(jwk, 'kid'), key: importJwk(jwk, 'public') }))
}

/** The first key of the text, private if it is asymmetric. */
export function parseSigningKey(text: string): KeyObject {
  const [first] = parseJwks(text)
  if (first === undefined) throw new BuiltinError('no keys found in JWK set')
  return importJwk(first, 'private')
}

export function verifySignature(key: KeyObject, name: string, input: Buffer, signature: Buffer): boolean {
  const algorithm = algorithms.get(name)
  if (algorithm === undefined || !fits(key, algorithm)) return false
  if (algorithm.family === 'HS') {
    const expected = createHmac(algorithm.hash, key).update(input).digest()
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
  try {
    return verify(
      algorithm.hash || null,
      input,
      { key, ...options(algorithm, constants.RSA_PSS_SALTLEN_AUTO) },
      signature,
    )
  } catch {
    return false
  }
}

export function createSignature(key: KeyObject, name: string, input: Buffer): Buffer {
  const algorithm = algorithms.get(name)
  if (algorithm === undefined) throw new BuiltinError(`unknown JWS algorithm: ${name}`)
  if (!fits(key, algorithm)) throw new BuiltinError(`the key does not fit the algorithm ${name}`)
  if (algorithm.family === 'HS') return createHmac(algorithm.hash, key).update(input).digest()
  try {
    const salt = constants.RSA_PSS_SALTLEN_DIGEST
    return sign(algorithm.hash || null, input, { key, ...options(algorithm, salt) })
  } catch (cause) {
    throw new BuiltinError('signing failed', 'eval_builtin_error', { cause })
  }
}

function options(algorithm: Algorithm, saltLength: number) {
  if (algorithm.family === 'PS') return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  return algorithm.family === 'ES' ? { dsaEncoding: 'ieee-p1363' as const } : {}
}

/** An RSA key never verifies as an HMAC secret. */
function fits(key: KeyObject, { family }: Algorithm): boolean {
  switch (family) {
    case 'HS':
      return key.type === 'secret'
    case 'RS':
    case 'PS':
      return key.asymmetricKeyType === 'rsa'
    case 'ES':
      return key.asymmetricKeyType === 'ec'
    case 'EdDSA':
      return key.asymmetricKeyType === 'ed25519'
  }
}

function pemKey({ block, rest }: NonNullable<ReturnType<typeof decodePem>>): KeyObject {
  if (rest !== '') throw new BuiltinError('extra data after a PEM certificate block')
  try {
    if (block.type === 'CERTIFICATE') return new X509Certificate(block.bytes).publicKey
    if (block.type === 'PUBLIC KEY') return createPublicKey({ key: block.bytes, format: 'der', type: 'spki' })
  } catch (cause) {
    const what = block.type === 'CERTIFICATE' ? 'certificate' : 'public key'
    throw new BuiltinError(`failed to parse a PEM ${what}`, 'eval_builtin_error', { cause })
  }
  throw new BuiltinError('failed to extract a Key from the PEM certificate')
}

function parseJwks(text: string): readonly RegoObject[] {
  const value = parseJson(text)
  if (!isObject(value)) throw new BuiltinError('failed to parse a JWK key (set)')
  const keys = getKey(value, 'keys')
  if (keys === undefined) return [value]
  if (!isArray(keys)) throw new BuiltinError('failed to parse a JWK key (set)')
  return keys.map((key) => {
    if (!isObject(key)) throw new BuiltinError('failed to parse a JWK key (set)')
    return key
  })
}

function parseJson(text: string): Value {
  try {
    return valueFromLenientJson(text)
  } catch (cause) {
    throw new BuiltinError('failed to parse a JWK key (set)', 'eval_builtin_error', { cause })
  }
}

function member(jwk: RegoObject, name: string): string {
  const value = getKey(jwk, name)
  return typeof value === 'string' ? value : ''
}

/** An empty secret would let anyone sign. */
function secretOf(jwk: RegoObject): Buffer {
  const secret = Buffer.from(member(jwk, 'k'), 'base64url')
  if (secret.length === 0) throw new BuiltinError('the JWK has no secret')
  return secret
}

function importJwk(jwk: RegoObject, use: 'public' | 'private'): KeyObject {
  try {
    if (member(jwk, 'kty') === 'oct') return createSecretKey(secretOf(jwk))
    const plain: JsonWebKey = {}
    for (const [name, value] of jwk.entries) {
      if (typeof name === 'string' && typeof value === 'string') plain[name] = value
    }
    if (use === 'private') return createPrivateKey({ key: plain, format: 'jwk' })
    const { d: _private, ...open } = plain
    return createPublicKey({ key: open, format: 'jwk' })
  } catch (cause) {
    throw new BuiltinError('failed to parse a JWK key (set)', 'eval_builtin_error', { cause })
  }
}
