/** X.509 certificates of a test's own authority, made with Node alone: no openssl is needed on the machine. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** Both PEM. */
export type Certificate = { readonly cert: string; readonly key: string }

export type CertificateAuthority = {
  readonly ca: string
  /** `names`: host names and IPv4 addresses that it is for. */
  issue(subject: string, names: readonly string[]): Certificate
}

const oids = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  basicConstraints: [0x55, 0x1d, 0x13],
  subjectAltName: [0x55, 0x1d, 0x11],
} as const
const tags = { integer: 0x02, octets: 0x04, oid: 0x06, utf8: 0x0c, utcTime: 0x17, sequence: 0x30, set: 0x31 } as const
const dayMs = 24 * 3_600_000

export function createCertificateAuthority(name = 'Test authority'): CertificateAuthority {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const isAuthority = extension(oids.basicConstraints, der(tags.sequence, der(0x01, Buffer.from([0xff]))))
  const certify = (subject: string, key: KeyObject, extensions: readonly Buffer[]) =>
    certificateOf({ issuer: name, subject, key, signer: authority.privateKey, extensions })
  return {
    ca: certify(name, authority.publicKey, [isAuthority]),
    issue(subject, names) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const alternatives = names.map((one) =>
        isIPv4(one) ? der(0x87, Buffer.from(one.split('.').map(Number))) : der(0x82, Buffer.from(one)),
      )
      const forNames = extension(oids.subjectAltName, der(tags.sequence, ...alternatives))
      return {
        cert: certify(subject, publicKey, names.length === 0 ? [] : [forNames]),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
  }
}

type Content = {
  readonly issuer: string
  readonly subject: string
  readonly key: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Buffer[]
}

function certificateOf({ issuer, subject, key, signer, extensions }: Content): string {
  const algorithm = der(tags.sequence, der(tags.oid, Buffer.from(oids.ecdsaWithSha256)))
  const serial = randomBytes(8)
  // positive, and without a zero in front
  serial[0] = 0x40 | (serial[0]! & 0x3f)
  const signed = der(
    tags.sequence,
    der(0xa0, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, serial),
    algorithm,
    nameOf(issuer),
    der(tags.sequence, utcTime(Date.now() - dayMs), utcTime(Date.now() + dayMs)),
    nameOf(subject),
    key.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, der(tags.sequence, ...extensions))]),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', signed, signer)])
  const whole = der(tags.sequence, signed, algorithm, der(0x03, signature))
  const lines = whole.toString('base64').match(/.{1,64}/gu)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function nameOf(text: string): Buffer {
  const part = der(tags.sequence, der(tags.oid, Buffer.from(oids.commonName)), der(tags.utf8, Buffer.from(text)))
  return der(tags.sequence, der(tags.set, part))
}

function extension(oid: readonly number[], value: Buffer): Buffer {
  return der(tags.sequence, der(tags.oid, Buffer.from(oid)), der(tags.octets, value))
}

/** YYMMDDhhmmssZ */
function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replaceAll(/\D/gu, '').slice(2, 14)
  return der(tags.utcTime, Buffer.from(`${digits}Z`))
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}
