/** crypto.x509.* and crypto.parse_private_keys. */
import { isArray, isNumber, isSet, type RegoObject, record, type Value } from '../value.ts'
import { decodeBase64 } from './base64.ts'
import { type Builtin, type BuiltinContext, BuiltinError } from './builtin.ts'
import { int64Of, objectOperand, stringOperand } from './operands.ts'
import { decodePem, pemBlocks } from './pem.ts'
import { jwkOfPrivateKey, parseKeyPair, parsePrivateKeys } from './x509-keys.ts'
import { type Certificate, certificateRequestValue, certificateValue, readCertificates } from './x509-read.ts'
import { usage, type VerifyOptions, verifyChain } from './x509-verify.ts'

export const x509Builtins: Readonly<Record<string, Builtin>> = {
  'crypto.x509.parse_certificates': (args) => certificatesOf(stringOperand(args, 1)).map(certificateValue),
  'crypto.x509.parse_and_verify_certificates': (args, context) =>
    verified(stringOperand(args, 1), defaultOptions(context), certificateValue),
  'crypto.x509.parse_and_verify_certificates_with_options': (args, context) => {
    const text = stringOperand(args, 1)
    return verified(text, verifyOptions(objectOperand(args, 2), context), ({ members }) => record(members))
  },
  'crypto.x509.parse_certificate_request': (args) => certificateRequestValue(requestOf(stringOperand(args, 1))),
  'crypto.x509.parse_rsa_private_key': (args) => jwkOfPrivateKey(stringOperand(args, 1)),
  'crypto.x509.parse_keypair': (args) => parseKeyPair(stringOperand(args, 1), stringOperand(args, 2)),
  'crypto.parse_private_keys': (args) => parsePrivateKeys(stringOperand(args, 1)),
}

/** PEM, base64 of PEM, or base64 of DER. */
function certificatesOf(text: string): readonly Certificate[] {
  if (text.startsWith('-----BEGIN')) return readCertificates(certificatesOfPem(text))
  const bytes = decodeBase64(text)
  const isPem = bytes.toString('latin1').startsWith('-----BEGIN')
  return readCertificates(isPem ? certificatesOfPem(bytes.toString('latin1')) : bytes)
}

function certificatesOfPem(text: string): Buffer {
  return Buffer.concat(
    pemBlocks(text).map(({ type, bytes }) => {
      if (type !== 'CERTIFICATE') throw new BuiltinError(`PEM block type is '${type}', expected CERTIFICATE`)
      return bytes
    }),
  )
}

function requestOf(text: string): Buffer {
  const isPem = text.startsWith('-----BEGIN CERTIFICATE REQUEST-----')
  const bytes = isPem ? Buffer.from(text, 'latin1') : decodeBase64(text)
  const block = decodePem(bytes.toString('latin1'))?.block
  if (block === undefined) return bytes
  if (block.type !== 'CERTIFICATE REQUEST') {
    throw new BuiltinError('invalid PEM-encoded certificate signing request')
  }
  return block.bytes
}

const unverified: Value = [false, []]

/** Whatever is wrong with the certificates, they just aren't verified. */
function verified(text: string, options: VerifyOptions, show: (certificate: Certificate) => Value): Value {
  try {
    const certificates = certificatesOf(text)
    const chain = certificates.length < 2 ? undefined : verifyChain(certificates, options)
    return chain === undefined ? unverified : [true, chain.map(show)]
  } catch (error) {
    if (error instanceof BuiltinError) return unverified
    throw error
  }
}

function defaultOptions({ now }: BuiltinContext): VerifyOptions {
  return { time: Number(now / 1_000_000_000n), host: '', usages: [usage.serverAuth] }
}

/** In the order of their numbers. */
const usageNames = [
  ...['Any', 'ServerAuth', 'ClientAuth', 'CodeSigning', 'EmailProtection', 'IPSECEndSystem', 'IPSECTunnel'],
  ...['IPSECUser', 'TimeStamping', 'OCSPSigning', 'MicrosoftServerGatedCrypto', 'NetscapeServerGatedCrypto'],
  ...['MicrosoftCommercialCodeSigning', 'MicrosoftKernelCodeSigning'],
].map((name) => `KeyUsage${name}`)

function verifyOptions(given: RegoObject, context: BuiltinContext): VerifyOptions {
  let options = defaultOptions(context)
  for (const [key, value] of given.entries) {
    switch (key) {
      case 'DNSName':
        if (typeof value !== 'string') throw new BuiltinError("'DNSName' should be a string")
        options = { ...options, host: value.replace(/^"+|"+$/g, '') }
        break
      case 'CurrentTime':
        options = { ...options, time: timeOption(value) }
        break
      case 'MaxConstraintComparisons':
        if (!isNumber(value)) throw new BuiltinError("'MaxConstraintComparisons' should be a number")
        break
      case 'KeyUsages':
        options = { ...options, usages: usagesOption(value, options.usages) }
        break
      default:
        if (typeof key === 'string') throw new BuiltinError('invalid key option')
    }
  }
  return options
}

function timeOption(value: Value): number {
  const ns = isNumber(value) ? int64Of(value) : undefined
  if (ns === undefined) throw new BuiltinError("'CurrentTime' should be a valid int64 number")
  return Number(ns / 1_000_000_000n)
}

function usagesOption(value: Value, otherwise: readonly number[]): readonly number[] {
  const names = isArray(value) ? value : isSet(value) ? value.items : undefined
  if (names === undefined) throw new BuiltinError("'KeyUsages' should be an Array or Set")
  const usages = names
    .filter((name) => typeof name === 'string')
    .map((name) => usageNames.indexOf(name.replace(/^"+|"+$/g, '')))
  if (usages.includes(-1)) throw new BuiltinError("invalid entries for 'KeyUsages' found")
  return usages.length === 0 ? otherwise : usages
}
