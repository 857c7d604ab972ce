/** Arguments for certificates, keys, tokens and signatures. */

import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc, { type Arbitrary } from 'fast-check'
import { getKey, isObject, objectOf, type Value } from '../../../../src/policy/opa-wasm/value.ts'
import { numberOfText } from '../../../../src/policy/opa-wasm/value-number.ts'
import { valueFromLenientJson, valueToJson } from '../../../../src/policy/opa-wasm/value-text.ts'
import { ed25519Pem, fullPem, intermediatePem, leafPem, requestPem, rootPem, rsaPem } from '../certificates.ts'
import { type Arguments, args, exactly, joined, json, object, pick, shortText, text } from './base.ts'
import { url } from './net.ts'
import { nanoseconds } from './time.ts'

const pem = pick(rootPem, intermediatePem, leafPem, fullPem, rsaPem, ed25519Pem)
const base64Of = (text: string) => Buffer.from(text.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64').toString('base64')
const certificates = fc.oneof(
  joined(pem, 1, 3),
  joined(pem, 1, 2).map((text) => Buffer.from(text).toString('base64')),
  pem.map(base64Of),
  fc.tuple(pem, fc.nat(900)).map(([text, length]) => base64Of(text).slice(0, length)),
  pick(requestPem, 'text', ''),
)
export const chain = pick(
  rootPem + intermediatePem + leafPem,
  rootPem + leafPem,
  intermediatePem + leafPem,
  leafPem + intermediatePem + rootPem,
  rootPem + rootPem,
  rootPem + intermediatePem,
  rootPem + intermediatePem + rsaPem,
  fullPem + leafPem,
  leafPem,
)
const verifyOptions = fc
  .record(
    {
      DNSName: pick(
        'guard.example',
        'GUARD.example.',
        'a.wild.example',
        'a.b.wild.example',
        'wild.example',
        '10.1.2.3',
        '10.1.2.4',
        '[10.1.2.3]',
        'other',
        '',
      ),
      CurrentTime: pick('1790000000000000000', '2000000000000000000', '1000000000000000000', '3000000000000000000').map(
        numberOfText,
      ),
      KeyUsages: fc.subarray(
        ['KeyUsageAny', 'KeyUsageServerAuth', 'KeyUsageClientAuth', 'KeyUsageCodeSigning', 'Nonsense'],
        { maxLength: 2 },
      ),
      MaxConstraintComparisons: pick<Value>(5, 'x'),
    },
    { requiredKeys: ['CurrentTime'] },
  )
  .map((options): Value => objectOf(Object.entries(options) as [string, Value][]))

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const edKey = generateKeyPairSync('ed25519')
const secret = 'c2VjcmV0IG9mIDMyIGJ5dGVzIGluIGFsbCwgbm8gbW9yZQ'
const jwk = (key: KeyObject) => valueFromLenientJson(JSON.stringify(key.export({ format: 'jwk' })))
const jwkSet = (...keys: readonly object[]) => JSON.stringify({ keys })
const publicKeys = pick(
  rsaKey.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  JSON.stringify(ecKey.publicKey.export({ format: 'jwk' })),
  jwkSet(
    { ...rsaKey.publicKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'a' },
    { ...edKey.publicKey.export({ format: 'jwk' }), kid: 'b' },
  ),
  leafPem,
  '{}',
  'no key',
)
const privateKeys = pick(
  rsaKey.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  rsaKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ecKey.privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  ecKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  edKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  rootPem,
  '',
  'no key',
)
const algorithm = pick('HS256', 'HS384', 'HS512', 'RS256', 'RS512', 'none', 'ES256')
const claims = fc
  .record(
    {
      iss: pick<Value>('me', 'you', 1),
      aud: pick<Value>('us', ['us', 'them'], 'them'),
      exp: pick<Value>(100, 1_000, 'x', numberOfText('1e3'), numberOfText('1000.5')),
      nbf: pick<Value>(0, 500, 2_000),
      sub: text,
    },
    { requiredKeys: [] },
  )
  .map((members): Value => objectOf(Object.entries(members) as [string, Value][]))
const header = fc
  .record(
    {
      alg: pick('HS256', 'HS256', 'RS256', 'HS512', 'none', 'ES256'),
      typ: pick<Value>('JWT', 'JWT', 'text', 1),
      kid: pick('a', 'b', 'c'),
      cty: pick('text', 'JSON'),
      crit: pick<Value>(['exp'], ['alg'], [], 'x'),
    },
    { requiredKeys: ['alg'] },
  )
  .map((members): Value => objectOf(Object.entries(members) as [string, Value][]))
const segment = (value: Value) => Buffer.from(valueToJson(value)).toString('base64url')
/** Signed with the secret or the RSA key as its header says, or with rubbish. */
const token = fc
  .tuple(header, claims, pick('right', 'right', 'right', 'wrong', 'none', 'cut'))
  .map(([head, body, way]) => {
    const input = `${segment(head)}.${segment(body)}`
    const named = isObject(head) ? getKey(head, 'alg') : undefined
    const hash = `sha${String(named).slice(2)}`
    const signature = /^HS/.test(String(named))
      ? createHmac(hash, Buffer.from(secret, 'base64url')).update(input).digest('base64url')
      : /^RS/.test(String(named))
        ? sign(hash, Buffer.from(input), rsaKey.privateKey).toString('base64url')
        : 'AAAA'
    if (way === 'none') return input
    return way === 'cut' ? `${input}.${signature.slice(0, -2)}` : `${input}.${way === 'right' ? signature : 'c2ln'}`
  })
const secretText = pick(Buffer.from(secret, 'base64url').toString('utf8'), 'another')
const constraints = fc
  .tuple(
    fc.oneof<Arbitrary<Value>[]>(
      publicKeys.map((cert): Value => objectOf([['cert', cert]])),
      secretText.map((shared): Value => objectOf([['secret', shared]])),
      pick<Value>(
        objectOf([]),
        objectOf([
          ['cert', leafPem],
          ['secret', 'x'],
        ]),
        objectOf([['nonsense', 1]]),
      ),
    ),
    fc.record(
      {
        alg: algorithm,
        iss: pick<Value>('me', 'me', 'you', 1),
        aud: pick('us', 'us', 'them'),
        time: pick('0', '700000000000', '700000000000', '1500000000000', '-1').map(numberOfText),
      },
      { requiredKeys: ['time'] },
    ),
  )
  .map(
    ([key, rest]): Value =>
      objectOf([...(isObject(key) ? key.entries : []), ...(Object.entries(rest) as [string, Value][])]),
  )
const signingKey = pick<Value>(
  objectOf([
    ['kty', 'oct'],
    ['k', secret],
  ]),
  jwk(rsaKey.privateKey),
  objectOf([['kty', 'oct']]),
  objectOf([]),
)
const deterministicHeader = fc
  .tuple(pick('HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'XX'), pick<Value>('JWT', 'text'))
  .map(
    ([alg, typ]): Value =>
      objectOf([
        ['alg', alg],
        ['typ', typ],
      ]),
  )

const awsRequest = fc
  .record(
    {
      method: pick('get', 'POST'),
      url,
      headers: object(shortText, pick('a', 'B', 'User-Agent', 'X-Amz-Date')),
      body: json,
      raw_body: text,
      more: pick(1),
    },
    { requiredKeys: ['method', 'url'] },
  )
  .chain((members) => fc.subarray(Object.entries(members), { minLength: 1 }))
  .map((members): Value => objectOf(members as [string, Value][]))
const awsConfig = fc
  .record(
    {
      aws_service: pick('s3', 'glacier', 'es'),
      aws_access_key: shortText,
      aws_secret_access_key: shortText,
      aws_region: pick('us-east-1'),
      aws_session_token: shortText,
      disable_payload_signing: pick<Value>(true, false, 'x'),
    },
    { requiredKeys: ['aws_service', 'aws_access_key', 'aws_secret_access_key', 'aws_region'] },
  )
  .map((members): Value => objectOf(Object.entries(members) as [string, Value][]))

export const cryptoArguments: Readonly<Record<string, Arguments>> = {
  'crypto.sha256': args(text),
  'crypto.hmac.sha512': args(text, text),
  'crypto.x509.parse_certificates': args(certificates),
  'crypto.x509.parse_certificate_request': args(
    fc.oneof(
      pick(requestPem, base64Of(requestPem), Buffer.from(requestPem).toString('base64'), rootPem, 'x'),
      certificates,
    ),
  ),
  'crypto.x509.parse_and_verify_certificates': args(chain),
  'crypto.x509.parse_and_verify_certificates_with_options': exactly(chain, verifyOptions),
  'crypto.parse_private_keys': args(privateKeys),
  'crypto.x509.parse_rsa_private_key': args(privateKeys),
  'io.jwt.decode': args(fc.oneof(token, text)),
  'io.jwt.verify_hs256': args(token, secretText),
  'io.jwt.verify_hs512': args(token, secretText),
  'io.jwt.verify_rs256': args(token, publicKeys),
  'io.jwt.verify_es256': args(token, publicKeys),
  'io.jwt.decode_verify': exactly(token, constraints),
  'io.jwt.encode_sign': exactly(deterministicHeader, claims, signingKey),
  'io.jwt.encode_sign_raw': exactly(
    deterministicHeader.map(valueToJson),
    fc.oneof(claims.map(valueToJson), text),
    signingKey.map(valueToJson),
  ),
  'providers.aws.sign_req': exactly(awsRequest, awsConfig, nanoseconds),
}
