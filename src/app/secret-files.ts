/** Certificates, keys and passwords that the configuration names by file, read once at the start. */
import { readFile } from 'node:fs/promises'
import { PortcullisError } from '../domain/errors.ts'
import type { PasswordConfig, TlsConfig } from './transport-schema.ts'

/** Contents, in PEM. */
export type Tls = {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/** `at`: the place in the configuration. @throws PortcullisError config.invalid where a file cannot be read, or holds no PEM */
export async function readTls({ ca, cert, key, servername }: TlsConfig, at: string): Promise<Tls> {
  const pem = async (name: 'ca' | 'cert' | 'key', file: string | undefined) => {
    if (file === undefined) return {}
    const text = await readText(file, `${at}/${name}`)
    if (!text.includes('-----BEGIN ')) throw unusable(`${at}/${name}`, 'holds no PEM')
    return { [name]: text }
  }
  const parts = await Promise.all([pem('ca', ca), pem('cert', cert), pem('key', key)])
  return Object.assign({}, ...parts, servername === undefined ? {} : { servername }) as Tls
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
