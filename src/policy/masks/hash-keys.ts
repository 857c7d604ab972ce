/** The keys of the mask action `hash`, decoded and checked once. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { PortcullisError } from '../../domain/errors.ts'

export const hashKeyBytesMin = 32

export type HashKeys = {
  /** The key for masks that name none. */
  readonly current: string
  readonly keys: ReadonlyMap<string, KeyObject>
}

/** `keys`: name → base64. @throws config.invalid that names the key and never shows it */
export function parseHashKeys(configured: {
  readonly current: string
  readonly keys: Readonly<Record<string, string>>
}): HashKeys {
  const keys = new Map(Object.entries(configured.keys).map(([name, base64]) => [name, secretOf(name, base64)]))
  if (!keys.has(configured.current)) throw invalid('current: there is no key of this name')
  return { current: configured.current, keys }
}

function secretOf(name: string, base64: string): KeyObject {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, ''))
    throw invalid(`keys: ${name}: not base64`)
  if (bytes.length < hashKeyBytesMin) throw invalid(`keys: ${name}: shorter than ${hashKeyBytesMin} bytes`)
  return createSecretKey(bytes)
}

function invalid(what: string): PortcullisError {
  return new PortcullisError('config.invalid', { message: `policy.hashKeys: ${what}.` })
}
