/** io.jwt.*: JSON Web Tokens, decoded, verified and signed as OPA does. */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import {
  compareValues,
  emptyObject,
  getKey,
  isArray,
  isNumber,
  isObject,
  type RegoObject,
  type Value,
} from '../value.ts'
import { bytesOfText, textOfBytes } from '../value-bytes.ts'
import { doubleOf, numberOfText } from '../value-number.ts'
import { valueFromLenientJson } from '../value-text.ts'
import { decodeBase64Url } from './base64.ts'
import { type Builtin, type BuiltinContext, BuiltinError } from './builtin.ts'
import { goJson } from './go-json.ts'
import {
  createSignature,
  isJwtAlgorithm,
  parseSigningKey,
  parseVerificationKeys,
  type VerificationKey,
  verifySignature,
} from './jwt-keys.ts'
import { objectOperand, operand, stringOperand } from './operands.ts'

export const jwtBuiltins: Readonly<Record<string, Builtin>> = {
  'io.jwt.decode': (args) => decode(stringOperand(args, 1)),
  'io.jwt.decode_verify': (args, context) => decodeVerify(operand(args, 1), objectOperand(args, 2), context),
  'io.jwt.encode_sign': (args) =>
    encodeSign(goJson(operand(args, 1)), goJson(operand(args, 2)), goJson(operand(args, 3))),
  'io.jwt.encode_sign_raw': (args) => {
    const key = stringOperand(args, 3)
    return encodeSign(stringOperand(args, 1), stringOperand(args, 2), key)
  },
  ...Object.fromEntries(
    ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'].map((algorithm) => [
      `io.jwt.verify_${algorithm.toLowerCase()}`,
      verifyWith(algorithm),
    ]),
  ),
  ...Object.fromEntries(
    ['256', '384', '512'].map((bits) => [`io.jwt.verify_hs${bits}`, verifyWithSecret(`sha${bits}`)]),
  ),
}

/** Tokens inside tokens that one call looks into. */
const nestingMax = 16

type Token = { readonly header: string; readonly payload: string; readonly signature: string }

function splitToken(text: string): Token {
  const parts = text.split('.')
  if (parts.length === 1) throw new BuiltinError('encoded JWT had no period separators')
  if (parts.length !== 3) throw new BuiltinError(`encoded JWT must have 3 sections, found ${parts.length}`)
  return { header: parts[0]!, payload: parts[1]!, signature: parts[2]! }
}

function decodePart(name: string, text: string): Buffer {
  try {
    return decodeBase64Url(text)
  } catch (cause) {
    throw new BuiltinError(`JWT ${name} had invalid encoding: illegal base64url string`, 'eval_builtin_error', {
      cause,
    })
  }
}

function jsonObject(text: string): RegoObject {
  let value: Value
  try {
    value = valueFromLenientJson(text)
  } catch (cause) {
    throw new BuiltinError('invalid JSON', 'eval_builtin_error', { cause })
  }
  if (!isObject(value)) throw new BuiltinError('decoded JSON type was not an Object')
  return value
}

function decodeHeader(token: Token): RegoObject {
  const header = jsonObject(textOfBytes(decodePart('header', token.header)))
  if (getKey(header, 'enc') !== undefined) throw new BuiltinError('JWT is a JWE object, which is not supported')
  return header
}

function decode(text: string, depth = 0): Value {
  if (depth > nestingMax) throw new BuiltinError('too many nested tokens')
  const token = splitToken(text)
  const header = decodeHeader(token)
  const payload = textOfBytes(decodePart('payload', token.payload))
  const contentType = getKey(header, 'cty')
  if (contentType !== undefined && typeof contentType !== 'string') throw new BuiltinError('cty: must be a string')
  if (contentType === 'JWT') return decode(payload.replace(/^["']+|["']+$/g, ''), depth + 1)
  const claims = jsonObject(payload)
  return [header, claims, decodePart('signature', token.signature).toString('hex')]
}

type Header = {
  readonly algorithm: string
  readonly keyId: string
  readonly contentType: string
  readonly valid: boolean
}

const knownHeaders = ['alg', 'kid', 'typ', 'cty', 'crit']

function readHeader(header: RegoObject): Header {
  const text = (name: string) => {
    const value = getKey(header, name) ?? ''
    if (typeof value !== 'string') throw new BuiltinError(`${name}: must be a string`)
    return value
  }
  const critical = criticalHeaders(getKey(header, 'crit'))
  const unknown = header.entries.map(([name]) => name).filter((name) => !knownHeaders.includes(name as string))
  const algorithm = text('alg')
  text('typ')
  const valid = algorithm !== '' && !unknown.some((name) => critical.includes(name))
  return { algorithm, keyId: text('kid'), contentType: text('cty'), valid }
}

function criticalHeaders(value: Value | undefined): readonly Value[] {
  if (value === undefined) return []
  if (!isArray(value)) throw new BuiltinError('crit: must be a list')
  const names = value.filter((name) => typeof name === 'string')
  if (names.length === 0) throw new BuiltinError('crit: must be a nonempty list')
  return names
}

/** What is signed. */
function signingInput(token: Token): Buffer {
  return Buffer.from(bytesOfText(`${token.header}.${token.payload}`))
}

function verifyWith(algorithm: string): Builtin {
  return (args) => {
    const token = splitToken(stringOperand(args, 1))
    const keys = parseVerificationKeys(stringOperand(args, 2))
    const signature = decodeBase64Url(token.signature)
    const header = readHeader(decodeHeader(token))
    const input = signingInput(token)
    return verifyByKeys(keys, header, (key) => verifySignature(key.key, algorithm, input, signature))
  }
}

/** The key that the token names, if it is there; else any that isn't for another algorithm. */
function verifyByKeys(
  keys: readonly VerificationKey[],
  header: Header,
  verifies: (key: VerificationKey) => boolean,
): boolean {
  const named = header.keyId === '' ? undefined : keys.find((key) => key.id === header.keyId)
  if (named !== undefined) return verifies(named)
  return keys.some((key) => (key.algorithm === '' || key.algorithm === header.algorithm) && verifies(key))
}

function verifyWithSecret(hash: string): Builtin {
  return (args) => {
    const text = stringOperand(args, 1)
    const secret = bytesOfText(stringOperand(args, 2))
    const token = splitToken(text)
    const expected = createHmac(hash, secret).update(signingInput(token)).digest()
    const signature = decodeBase64Url(token.signature)
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
}

type Constraints = {
  readonly keys: readonly VerificationKey[] | undefined
  readonly secret: string
  readonly algorithm: string
  readonly issuer: string
  readonly audience: string
  /** Nanoseconds since the epoch. */
  readonly time: number
}

const constraintNames = ['cert', 'secret', 'alg', 'iss', 'aud', 'time']

function readConstraints(given: RegoObject, context: BuiltinContext): Constraints {
  for (const [name] of given.entries) {
    if (!constraintNames.includes(name as string)) {
      throw new BuiltinError(`unknown token validation constraint: ${String(name)}`)
    }
  }
  const text = (name: string) => {
    const value = getKey(given, name) ?? ''
    if (typeof value !== 'string') throw new BuiltinError(`${name} constraint: must be a string`)
    return value
  }
  const certificate = getKey(given, 'cert')
  const constraints = {
    keys: certificate === undefined ? undefined : parseVerificationKeys(text('cert')),
    secret: text('secret'),
    algorithm: text('alg'),
    issuer: text('iss'),
    audience: text('aud'),
    time: timeConstraint(getKey(given, 'time'), context),
  }
  if (constraints.keys !== undefined && constraints.secret !== '') throw new BuiltinError('duplicate key constraints')
  if (constraints.keys === undefined && constraints.secret === '') throw new BuiltinError('no key constraint')
  return constraints
}

function timeConstraint(value: Value | undefined, context: BuiltinContext): number {
  if (value === undefined) return Number(context.now)
  if (!isNumber(value)) throw new BuiltinError('token time constraint: must be a number')
  const time = doubleOf(value)
  if (!Number.isFinite(time)) throw new BuiltinError('token time constraint: unvalid float64')
  if (time < 0) throw new BuiltinError('token time constraint: must not be negative')
  return time
}

const unverified: Value = [false, emptyObject, emptyObject]

function decodeVerify(given: Value, options: RegoObject, context: BuiltinContext): Value {
  const constraints = readConstraints(options, context)
  let text = given
  for (let depth = 0; depth <= nestingMax; depth++) {
    const token = splitToken(stringOperand([text], 1))
    const decoded = decodeHeader(token)
    const header = readHeader(decoded)
    if (!header.valid) return unverified
    if (constraints.algorithm !== '' && constraints.algorithm !== header.algorithm) return unverified
    const signature = decodeBase64Url(token.signature)
    if (!verifiedBy(constraints, header, signingInput(token), signature)) return unverified
    const payload = textOfBytes(decodePart('payload', token.payload))
    if (header.contentType.toUpperCase() === 'JWT') {
      text = payload
      continue
    }
    const claims = jsonObject(payload)
    return claimsHold(claims, constraints) ? [true, decoded, claims] : unverified
  }
  throw new BuiltinError('too many nested tokens')
}

function verifiedBy(constraints: Constraints, header: Header, input: Buffer, signature: Buffer): boolean {
  if (constraints.keys !== undefined) {
    return verifyByKeys(constraints.keys, header, (key) => verifySignature(key.key, header.algorithm, input, signature))
  }
  const secret = createSecretKey(bytesOfText(constraints.secret))
  return verifySignature(secret, header.algorithm, input, signature)
}

function claimsHold(claims: RegoObject, constraints: Constraints): boolean {
  if (constraints.issuer !== '' && getKey(claims, 'iss') !== constraints.issuer) return false
  const audience = getKey(claims, 'aud')
  if (audience === undefined ? constraints.audience !== '' : !hasAudience(audience, constraints.audience)) return false
  const now = numberOfText(String(constraints.time / 1e9))
  const expiry = timeClaim(claims, 'exp')
  if (expiry !== undefined && compareValues(now, expiry) >= 0) return false
  const notBefore = timeClaim(claims, 'nbf')
  return notBefore === undefined || compareValues(now, notBefore) >= 0
}

function hasAudience(claim: Value, audience: string): boolean {
  return claim === audience || (isArray(claim) && claim.includes(audience))
}

function timeClaim(claims: RegoObject, name: string): Value | undefined {
  const value = getKey(claims, name)
  if (value !== undefined && !isNumber(value)) throw new BuiltinError(`${name} value must be a number`)
  return value
}

function encodeSign(headers: string, payload: string, jwk: string): string {
  const key = parseSigningKey(jwk)
  const fields = jsonObject(headers)
  const algorithm = getKey(fields, 'alg')
  if (typeof algorithm !== 'string') throw new BuiltinError("missing or invalid 'alg' header")
  if (!isJwtAlgorithm(algorithm)) throw new BuiltinError(`unknown JWS algorithm: ${algorithm}`)
  const type = getKey(fields, 'typ')
  if ((typeof type !== 'string' || type === 'JWT') && !isJson(payload)) {
    throw new BuiltinError('type is JWT but payload is not JSON')
  }
  const encode = (text: string) => Buffer.from(bytesOfText(text)).toString('base64url')
  const input = `${encode(headers)}.${encode(payload)}`
  return `${input}.${createSignature(key, algorithm, Buffer.from(input)).toString('base64url')}`
}

function isJson(text: string): boolean {
  try {
    valueFromLenientJson(text)
    return true
  } catch {
    return false
  }
}
