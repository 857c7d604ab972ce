/** crypto.*: digests and message authentication; certificates and keys are in x509.ts. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Value } from '../value.ts'
import { bytesOfText } from '../value-bytes.ts'
import type { Builtin } from './builtin.ts'
import { stringOperand } from './operands.ts'

export const cryptoBuiltins: Readonly<Record<string, Builtin>> = {
  'crypto.md5': (args) => digest('md5', args),
  'crypto.sha1': (args) => digest('sha1', args),
  'crypto.sha256': (args) => digest('sha256', args),
  'crypto.hmac.md5': (args) => hmac('md5', args),
  'crypto.hmac.sha1': (args) => hmac('sha1', args),
  'crypto.hmac.sha256': (args) => hmac('sha256', args),
  'crypto.hmac.sha512': (args) => hmac('sha512', args),
  'crypto.hmac.equal': (args) => {
    const left = bytesOfText(stringOperand(args, 1))
    const right = bytesOfText(stringOperand(args, 2))
    return left.length === right.length && timingSafeEqual(left, right)
  },
}

function digest(algorithm: string, args: readonly Value[]): string {
  return createHash(algorithm)
    .update(bytesOfText(stringOperand(args, 1)))
    .digest('hex')
}

function hmac(algorithm: string, args: readonly Value[]): string {
  const message = bytesOfText(stringOperand(args, 1))
  return createHmac(algorithm, bytesOfText(stringOperand(args, 2)))
    .update(message)
    .digest('hex')
}
