/** Branded identifiers: parsed once at the edge, trusted inside. */
import { PortcullisError } from './errors.ts'

declare const brand: unique symbol
/** A random UUID (lower case) that names one registered request. A bearer secret: never logged, only its hash is. */
export type Token = string & { readonly [brand]: 'Token' }
export type UserId = string & { readonly [brand]: 'UserId' }
/** Canonical logical URI: `file:/data/hr/x.avro`; a folder's ends in `/`. */
export type ResourceId = string & { readonly [brand]: 'ResourceId' }
/** Content hash of the active bundle. */
export type Revision = string & { readonly [brand]: 'Revision' }

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** @throws PortcullisError token.unknown when the text is not a UUID in canonical form. */
export function parseToken(text: string): Token {
  if (!uuid.test(text)) throw new PortcullisError('token.unknown')
  return text as Token
}

export const userIdLengthMax = 256

/** @throws PortcullisError request.invalid when empty, too long, or with control characters. */
export function parseUserId(text: string): UserId {
  if (text.length === 0 || text.length > userIdLengthMax || /[\u0000-\u001f\u007f]/u.test(text) || !text.isWellFormed())
    throw new PortcullisError('request.invalid', {
      message: 'userId: expected 1 to 256 characters without control characters',
    })
  return text as UserId
}
