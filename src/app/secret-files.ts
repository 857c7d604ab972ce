/** Certificates, keys and passwords that the configuration names by file, read once at the start. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { PortcullisError } from '../domain/errors.ts'
import type { PasswordConfig, TlsConfig } from './transport-schema.ts'

/** Contents, in PEM. */
export type Tls = {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

const certificateInPem = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/gu

/** `at`: the place in the configuration. @throws PortcullisError config.invalid where a file cannot be read, or is none to prove anything with */
export async function readTls({ ca, cert, key, servername }: TlsConfig, at: string): Promise<Tls> {
  const pem = async (name: 'ca' | 'cert' | 'key', file: string | undefined) => {
    if (file === undefined) return {}
    const text = await readText(file, `${at}/${name}`)
    if (!text.includes('-----BEGIN ')) throw unusable(`${at}/${name}`, 'holds no PEM')
    return { [name]: text }
  }
  const parts = await Promise.all([pem('ca', ca), pem('cert', cert), pem('key', key)])
  const tls: Tls = Object.assign({}, ...parts, servername === undefined ? {} : { servername })
  throwIfUseless(tls, at)
  return tls
}

/** Or each connection would fail for it, one after the other, as if the other side were not there. */
function throwIfUseless({ ca, cert, key }: Tls, at: string): void {
  const isCertificate = (text: string) => {
    try {
      return new X509Certificate(text).subject !== undefined
    } catch {
      return false
    }
  }
  for (const [name, text] of Object.entries({ ca, cert })) {
    if (text === undefined) continue
    const certificates = text.match(certificateInPem) ?? []
    if (certificates.length === 0 || !certificates.every(isCertificate))
      throw unusable(`${at}/${name}`, 'holds no certificate, or a damaged one')
  }
  try {
    createSecureContext({ ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) })
  } catch (cause) {
    throw unusable(`${at}/key`, 'holds no key, one with a passphrase, or another than that of cert', cause)
  }
}

/** `{}` where none is configured. @throws PortcullisError config.invalid */
export async function readPassword(
  { password, passwordFile }: PasswordConfig,
  at: string,
): Promise<{ readonly password?: string }> {
  if (passwordFile === undefined) return password === undefined ? {} : { password }
  const text = (await readText(passwordFile, `${at}/passwordFile`)).replace(/\r?\n$/u, '')
  if (text === '') throw unusable(`${at}/passwordFile`, 'is empty')
  return { password: text }
}

function readText(file: string, at: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw unusable(at, 'cannot be read', cause)
  })
}

function unusable(at: string, why: string, cause?: unknown): PortcullisError {
  return new PortcullisError('config.invalid', {
    message: `The configuration is not valid:\n  ${at}: the file ${why}`,
    cause,
  })
}
