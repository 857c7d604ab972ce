/** Errors as `application/problem+json` (RFC 9457): what the client sees is our code and our words, never a library's. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errorTable, PortcullisError } from '../domain/errors.ts'
import { retryAfterOf } from './rate/rate-limits.ts'
import { describeValidation, type ValidationError } from './validation.ts'

export const problemMediaType = 'application/problem+json'

export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  /** Names this occurrence; the log has it too. */
  readonly instance: string
}

export function problemOf(error: PortcullisError, requestId: string): Problem {
  return {
    type: `urn:portcullis:error:${error.code}`,
    title: errorTable[error.code].message,
    status: error.status,
    detail: error.message,
    code: error.code,
    instance: `urn:uuid:${requestId}`,
  }
}

export function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  error: PortcullisError,
  status: number = error.status,
): FastifyReply {
  if (error.code === 'auth.missing') void reply.header('www-authenticate', 'Bearer realm="portcullis"')
  if (error.code === 'auth.invalid')
    void reply.header('www-authenticate', 'Bearer realm="portcullis", error="invalid_token"')
  if (error.status === 503 || error.status === 429) void reply.header('retry-after', String(retryAfterOf(error) ?? 1))
  return (
    reply
      .code(status)
      .header('cache-control', 'no-store')
      .type(problemMediaType)
      // bytes, because to text a character set would be added that the media type does not have
      .send(Buffer.from(JSON.stringify({ ...problemOf(error, request.id), status })))
  )
}

const ofFastify: Readonly<Record<string, { readonly code: ErrorCode; readonly message?: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'request.too_large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'request.media_type' },
  FST_ERR_CTP_EMPTY_TYPE: { code: 'request.media_type' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'request.invalid', message: 'body: is empty' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'request.invalid', message: 'body: is not valid JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'request.invalid', message: 'body: is not as long as content-length' },
  FST_STATIC_FORBIDDEN_PATH: { code: 'request.not_found' },
  FST_ERR_BAD_URL: { code: 'request.invalid', message: 'The address is not valid.' },
}

/** Whatever a handler, a hook or the framework threw. */
export function errorOf(thrown: unknown): PortcullisError {
  if (thrown instanceof PortcullisError) return thrown
  const { validation, validationContext, code, statusCode } = thrown as Partial<{
    validation: readonly ValidationError[]
    validationContext: string
    code: string
    statusCode: number
  }>
  if (validation !== undefined)
    return new PortcullisError('request.invalid', { message: describeValidation(validation, validationContext) })
  const known = ofFastify[code ?? '']
  if (known !== undefined)
    return new PortcullisError(known.code, known.message === undefined ? {} : { message: known.message })
  if (statusCode === 400) return new PortcullisError('request.invalid', { cause: thrown })
  return new PortcullisError('internal', { cause: thrown })
}
