/** Verifies a signed bundle: the signature is that of a configured key, and lists exactly the files that are there, with their hashes. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { compactVerify, decodeProtectedHeader } from 'jose'
import { PortcullisError } from '../../domain/errors.ts'
import { readTarGz } from '../../policy/opa-wasm/index.ts'
import { hashOf, isSignatures, signaturesFile } from './file-hashes.ts'
import { checkFits, type SigningAlgorithm, signingAlgorithms } from './sign.ts'

export type VerificationKey = {
  readonly algorithm: SigningAlgorithm
  /** PEM: a public key or a certificate. */
  readonly publicKey: string
  /** The scope a signature by this key must have; absent: none. */
  readonly scope?: string
}

export type Verification = {
  /** By id. */
  readonly keys: Readonly<Record<string, VerificationKey>>
  /** The one key that counts, whatever the signature says; absent: the key that the signature names. */
  readonly keyId?: string
}

/** How far the clock of the signer may be ahead of ours, or past the signature's end, in seconds. */
export const clockSkewSecondsMax = 300

type Payload = {
  readonly files: ReadonlyMap<string, { readonly hash: string; readonly algorithm: string }>
  readonly scope: string | undefined
}

/** @throws bundle.unverified with what is wrong; bundle.corrupt; `now` is milliseconds since the epoch */
export async function verifyBundle(bundle: Uint8Array, verification: Verification, now: number): Promise<void> {
  const files = readTarGz(bundle)
  const { payload, key } = await verifiedPayload(tokenOf(files), verification, now)
  if (payload.scope !== key.scope)
    throw unverified('its signature has another scope than the key is configured for; sign it with that scope')
  const listed = new Map(payload.files)
  for (const [path, bytes] of files) {
    if (isSignatures(path)) continue
    const expected = listed.get(path)
    if (expected === undefined) throw unverified(`${path}: is not listed in the signature, so it was added afterwards`)
    if (hashOf(path, bytes, expected.algorithm) !== expected.hash.toLowerCase())
      throw unverified(`${path}: was changed after it was signed`)
    listed.delete(path)
  }
  for (const path of listed.keys()) throw unverified(`${path}: is listed in the signature but missing`)
}

function tokenOf(files: ReadonlyMap<string, Buffer>): string {
  const found = [...files.keys()].filter(isSignatures)
  if (found.length === 0)
    throw unverified('it is not signed, while a verification key is configured; sign it with: portcullis bundle sign')
  const bytes = files.get(signaturesFile)
  if (bytes === undefined || found.length > 1) throw unverified(`it must hold one ${signaturesFile}, at its top`)
  const document = parsed(bytes.toString('utf8'))
  const { signatures, plugin } = document ?? {}
  if (plugin !== undefined) throw unverified('its signature was made by a plugin, which is not taken')
  if (!Array.isArray(signatures) || signatures.length !== 1 || typeof signatures[0] !== 'string')
    throw unverified(`${signaturesFile}: expected exactly one signature`)
  return signatures[0]
}

async function verifiedPayload(
  token: string,
  { keys, keyId }: Verification,
  now: number,
): Promise<{ readonly payload: Payload; readonly key: VerificationKey }> {
  const id = keyId ?? keyIdOf(token)
  const key = id !== undefined && Object.hasOwn(keys, id) ? keys[id] : undefined
  if (key === undefined) throw unverified('its signature names a key that is not configured')
  const publicKey = publicKeyOf(key)
  const verified = await compactVerify(token, publicKey, { algorithms: [key.algorithm] }).catch((cause: unknown) => {
    throw unverified(`its signature is not one by the key ${id}`, cause)
  })
  const claims = parsed(Buffer.from(verified.payload).toString('utf8'))
  if (claims === undefined) throw unverified('the payload of its signature is not an object')
  checkTimes(claims, now)
  return { payload: payloadOf(claims), key }
}

/** The header's `kid`, else the payload's `keyid`, as OPA looks for it. */
function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token)
    if (kid !== undefined) return kid
  } catch (cause) {
    throw unverified('its signature is not a JWS', cause)
  }
  const keyid = parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))?.keyid
  return typeof keyid === 'string' ? keyid : undefined
}

function checkTimes({ iat, nbf, exp }: Readonly<Record<string, unknown>>, now: number): void {
  const seconds = now / 1000
  for (const [name, value] of Object.entries({ iat, nbf, exp }))
    if (value !== undefined && typeof value !== 'number') throw unverified(`${name} of its signature is not a number`)
  if (Math.max(Number(iat ?? 0), Number(nbf ?? 0)) > seconds + clockSkewSecondsMax)
    throw unverified('its signature is dated in the future; compare the clocks of both machines')
  if (exp !== undefined && Number(exp) < seconds - clockSkewSecondsMax)
    throw unverified('its signature has expired; sign it again')
}

function payloadOf({ files, scope }: Readonly<Record<string, unknown>>): Payload {
  if (!Array.isArray(files)) throw unverified('its signature lists no files')
  const listed = new Map<string, { hash: string; algorithm: string }>()
  for (const file of files as readonly unknown[]) {
    const { name, hash, algorithm } = (file ?? {}) as Readonly<Record<string, unknown>>
    if (typeof name !== 'string' || typeof hash !== 'string' || typeof algorithm !== 'string' || listed.has(name))
      throw unverified('the list of files in its signature is malformed')
    listed.set(name, { hash, algorithm })
  }
  if (scope !== undefined && typeof scope !== 'string') throw unverified('the scope of its signature is malformed')
  return { files: listed, scope: scope === '' ? undefined : scope }
}

/** @throws config.invalid */
export function publicKeyOf({ publicKey, algorithm }: VerificationKey): KeyObject {
  if (!signingAlgorithms.includes(algorithm))
    throw new PortcullisError('config.invalid', {
      message: `The algorithm of a verification key must be one of ${signingAlgorithms.join(', ')}.`,
    })
  let key: KeyObject
  try {
    key = createPublicKey(publicKey)
  } catch (cause) {
    throw new PortcullisError('config.invalid', {
      message: 'A verification key is not a public key in PEM.',
      cause,
    })
  }
  checkFits(key, algorithm, 'verification')
  return key
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

function unverified(why: string, cause?: unknown): PortcullisError {
  return new PortcullisError('bundle.unverified', { message: `The policy bundle was refused: ${why}.`, cause })
}
