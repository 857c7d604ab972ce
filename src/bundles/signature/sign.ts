/** Signs a bundle as `opa sign` does: one JWS over the hashes of all its files, in `.signatures.json`. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { CompactSign } from 'jose'
import { PortcullisError } from '../../domain/errors.ts'
import { readTarGz } from '../../policy/opa-wasm/index.ts'
import { packTarGz } from '../tar-gz.ts'
import { hashesOf, isSignatures, signaturesFile } from './file-hashes.ts'

export const signingAlgorithms = ['RS256', 'ES256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

export type SigningOptions = {
  /** PEM, PKCS #8. */
  readonly privateKey: string
  readonly algorithm: SigningAlgorithm
  /** Under which name the readers of the bundle know the key. */
  readonly keyId: string
  readonly scope?: string
  /** Milliseconds since the epoch. Signing the same files at the same time gives the same bytes with RS256 and EdDSA. */
  readonly now: number
  readonly issuer?: string
}

/** The bundle with its signature, whatever signature it had before. @throws bundle.corrupt, config.invalid for a key that doesn't fit */
export async function signBundle(bundle: Uint8Array, options: SigningOptions): Promise<Buffer> {
  const files = readTarGz(bundle)
  const { algorithm, keyId, scope, issuer } = options
  const payload = {
    files: hashesOf(files),
    iat: Math.floor(options.now / 1000),
    keyid: keyId,
    ...(scope === undefined ? {} : { scope }),
    ...(issuer === undefined ? {} : { iss: issuer }),
  }
  const token = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: algorithm, kid: keyId })
    .sign(keyOf(options.privateKey, algorithm))
  const signatures = Buffer.from(`${JSON.stringify({ signatures: [token] }, null, 1)}\n`)
  return packTarGz([
    { path: signaturesFile, bytes: signatures },
    ...[...files].filter(([path]) => !isSignatures(path)).map(([path, bytes]) => ({ path, bytes })),
  ])
}

/** Shorter moduli can be factored. */
const rsaBitsMin = 2048

const keyTypes: Readonly<Record<SigningAlgorithm, string>> = { RS256: 'rsa', ES256: 'ec', EdDSA: 'ed25519' }

function keyOf(pem: string, algorithm: SigningAlgorithm) {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw new PortcullisError('config.invalid', {
      message:
        'The signing key is not a private key in PEM without a passphrase; make one with openssl genpkey, or take the passphrase off with openssl pkey.',
      cause,
    })
  }
  checkFits(key, algorithm, 'signing')
  return key
}

/** What the three algorithms ask of a key. @throws config.invalid with what the key is, and what it should be */
export function checkFits(key: KeyObject, algorithm: SigningAlgorithm, use: 'signing' | 'verification'): void {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  const wrong =
    key.asymmetricKeyType !== keyTypes[algorithm]
      ? `is of type ${key.asymmetricKeyType}, while ${algorithm} needs ${keyTypes[algorithm]}; name the algorithm that fits the key`
      : algorithm === 'ES256' && namedCurve !== 'prime256v1'
        ? `is on the curve ${namedCurve}, while ES256 needs P-256 (prime256v1)`
        : algorithm === 'RS256' && modulusLength < rsaBitsMin
          ? `has ${modulusLength} bits, while RS256 needs ${rsaBitsMin} at least`
          : undefined
  if (wrong !== undefined) throw new PortcullisError('config.invalid', { message: `The ${use} key ${wrong}.` })
}
