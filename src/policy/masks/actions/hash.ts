/** A text or number becomes its HMAC-SHA-256 under a key of the configuration: equal values stay equal, nobody without the key can guess them. */
import { createHmac } from 'node:crypto'
import { PortcullisError } from '../../../domain/errors.ts'
import type { Json } from '../../../domain/json.ts'
import type { MaskAction } from './mask-action.ts'

export const hashAction: MaskAction<'hash'> = {
  action: 'hash',
  parameters: ['key'],
  parse(path, { key }) {
    if (key === undefined) return { path, action: 'hash' }
    return typeof key === 'string' && key !== '' ? { path, action: 'hash', key } : undefined
  },
  apply({ key }, value, { hashKeys }) {
    const secret = hashKeys?.keys.get(key ?? hashKeys.current)
    if (secret === undefined) throw new PortcullisError('mask.key_unknown')
    const text = textOf(value)
    return text === undefined ? null : createHmac('sha256', secret).update(text).digest('hex')
  },
}

/** A number hashes as the text it is written as, so that 42 in JSON and 42 in CSV are the same. */
function textOf(value: Json): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : undefined
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? String(Object.is(value, -0) ? 0 : value) : undefined
    default:
      return undefined
  }
}
