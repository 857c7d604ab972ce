/** Base64 as Go decodes it: its alphabet only, padding in place, line breaks ignored. */
import { BuiltinError } from './builtin.ts'

export function decodeBase64(text: string): Buffer {
  const plain = text.replace(/[\r\n]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(plain)) {
    throw new BuiltinError('illegal base64 data')
  }
  return Buffer.from(plain, 'base64')
}

/** Padding may be left out, as OPA's base64url.decode allows. */
export function decodeBase64Url(text: string): Buffer {
  const plain = text.replace(/[\r\n]/g, '')
  const padded = plain.endsWith('=') ? plain : plain.padEnd(plain.length + ((4 - (plain.length % 4)) % 4), '=')
  if (!/^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?$/.test(padded)) {
    throw new BuiltinError(`illegal base64url string: ${text}`)
  }
  return Buffer.from(padded, 'base64url')
}
