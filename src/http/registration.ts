/** What both interfaces take from a registration besides its body: the client's own token, and headers that ride along. */
import type { IncomingHttpHeaders } from 'node:http'
import { PortcullisError } from '../domain/errors.ts'
import { parseToken, type ResourceId, type Token } from '../domain/ids.ts'
import type { Context, Extras } from '../domain/records.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import { limits } from './limits.ts'
import { invalid } from './validation.ts'

export type RegistrationOptions = {
  /** Whether clients may bring their own token in `x-request-token`. */
  readonly clientTokens: boolean
  /** Lower-case names of headers that ride along with the request's messages. */
  readonly extraHeaders: readonly string[]
}

export const defaultExtraHeaders = ['traceparent'] as const

/** They carry credentials, or mean something on the topics. */
const neverExtra = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-request-token',
  'x-stream-marker',
  'x-leaf-index',
  'x-outcome',
  'x-leaf-count',
])

/** @throws PortcullisError config.invalid */
export function registrationOptions(options: {
  readonly clientTokens?: boolean | undefined
  readonly extraHeaders?: readonly string[] | undefined
}): RegistrationOptions {
  const extraHeaders = options.extraHeaders ?? defaultExtraHeaders
  const refused = extraHeaders.find((name) => neverExtra.has(name))
  if (refused !== undefined)
    throw new PortcullisError('config.invalid', { message: `requests.extraHeaders: ${refused} cannot ride along` })
  return { clientTokens: options.clientTokens ?? false, extraHeaders }
}

/** The client's own token where it may bring one; where it may not, the header is ignored. @throws request.invalid */
export function ownToken(headers: IncomingHttpHeaders, { clientTokens }: RegistrationOptions): Token | undefined {
  const text = headers['x-request-token']
  if (!clientTokens || text === undefined) return undefined
  try {
    return parseToken(String(text))
  } catch {
    throw invalid('x-request-token', 'must be a UUID in lower case')
  }
}

/** @throws request.invalid */
export function extrasOf(headers: IncomingHttpHeaders, { extraHeaders }: RegistrationOptions): Extras {
  const extras: Record<string, string> = {}
  for (const name of extraHeaders) {
    const value = headers[name]
    if (typeof value !== 'string') continue
    if (value.length > limits.extraHeaderLengthMax)
      throw invalid(name, `must be at most ${limits.extraHeaderLengthMax} characters`)
    extras[name] = value
  }
  return extras
}

/** @throws request.invalid for text that no encoding carries unchanged */
export function parseContext(context: Context, field = 'context'): Context {
  for (const [key, value] of Object.entries(context))
    if (!key.isWellFormed() || !value.isWellFormed()) throw invalid(field, 'has a lone surrogate')
  return context
}

/** @throws resource.invalid, which names the field of the caller's own body */
export function parseResourceField(text: string, field: string): ResourceId {
  try {
    return parseResourceId(text)
  } catch (thrown) {
    if (!(thrown instanceof PortcullisError)) throw thrown
    throw new PortcullisError(thrown.code, { message: thrown.message.replace(/^resourceId:/u, `${field}:`) })
  }
}
