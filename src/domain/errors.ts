/** Every error that leaves a part of this program, in one table. What the caller sees is the code and the message; the cause goes to the log. */

export type ErrorDefinition = { readonly status: number; readonly message: string }

/** Code → HTTP status, and the message used when the thrower has nothing safer to say. */
export const errorTable = {
  'request.invalid': { status: 400, message: 'The request is not valid.' },
  'request.too_large': { status: 400, message: 'body: is larger than this server accepts' },
  'request.media_type': { status: 415, message: 'The request body must be application/json.' },
  'request.lost': { status: 410, message: 'The server lost what it knew of this request. Register it again.' },
  'request.not_found': { status: 404, message: 'There is nothing at this address.' },
  'request.method': { status: 405, message: 'This address does not take this method.' },
  'request.aborted': { status: 499, message: 'The client went away.' },
  'request.rate': { status: 429, message: 'Too many requests. Try again later.' },
  'request.origin': { status: 403, message: 'This Host or Origin is not served.' },
  'request.not_acceptable': { status: 406, message: 'This leaf cannot be given as what the accept header asks for.' },
  'request.precondition': { status: 412, message: 'The answer is no longer the one that if-match names.' },
  'request.range': { status: 416, message: 'The range lies outside the leaf.' },
  'auth.missing': { status: 401, message: 'A bearer token is needed.' },
  'auth.invalid': { status: 401, message: 'The bearer token is not valid.' },
  'auth.unavailable': {
    status: 503,
    message: 'The keys that bearer tokens are verified with cannot be reached. Try again.',
  },
  'auth.other_user': { status: 403, message: 'The request names another user than the bearer token.' },
  'auth.role': { status: 403, message: 'This needs the operator role.' },
  'token.unknown': { status: 404, message: 'There is no such request, or it has ended.' },
  'token.used': { status: 409, message: 'This token has been used before.' },
  'grant.unknown': { status: 403, message: 'There is no such leaf in this request.' },
  'user.unknown': {
    status: 403,
    message: 'The user is not known here. Ask the administrator of the user directory to add them.',
  },
  'user.denied': { status: 403, message: 'Policy does not let this user ask for this.' },
  'resource.unknown': { status: 404, message: 'There is no such resource.' },
  'resource.invalid': { status: 400, message: 'The resource id is not canonical.' },
  'policy.missing': { status: 403, message: 'No policy is attached.' },
  'policy.denied': { status: 403, message: 'Policy denies this.' },
  'policy.changed': {
    status: 409,
    message: 'What policy lets through changed while this leaf was read. Read it again.',
  },
  'policy.failed': { status: 500, message: 'The policy could not be evaluated, so access is denied.' },
  'policy.result_invalid': {
    status: 500,
    message: 'The policy gave an answer of the wrong shape, so access is denied.',
  },
  'policy.input_invalid': { status: 500, message: 'The input of the policy is not valid JSON.' },
  'policy.limit': {
    status: 500,
    message: 'The policy needed more time, memory or depth than it may have, so access is denied.',
  },
  'policy.layers_differ': { status: 500, message: 'Two ways of evaluating the policy disagree, so access is denied.' },
  'builtin.failed': { status: 500, message: 'A built-in of the policy failed, so access is denied.' },
  'builtin.missing': { status: 500, message: 'The policy calls a built-in that this engine does not have.' },
  'bundle.missing': { status: 500, message: 'The policy bundle is missing.' },
  'bundle.corrupt': { status: 500, message: 'The policy bundle is corrupt.' },
  'bundle.unverified': {
    status: 500,
    message: 'The signature of the policy bundle is not one that is trusted here.',
  },
  'bundle.unavailable': { status: 503, message: 'The policy bundle cannot be fetched.' },
  'bundle.refused': { status: 500, message: 'The policies were refused.' },
  'mask.malformed': { status: 500, message: 'Policy asks for a mask that is not well formed, so nothing is read.' },
  'mask.key_unknown': {
    status: 500,
    message: 'Policy asks for a hash under a key that is not configured, so nothing is read.',
  },
  'mask.path_unknown': {
    status: 403,
    message: 'Policy masks a field that the schema of this data does not have, so nothing is read.',
  },
  'mask.not_expressible': {
    status: 403,
    message: 'The schema of this data cannot express a mask that policy demands, so nothing is read.',
  },
  'fact.unavailable': { status: 403, message: 'A fact that policy needs cannot be computed from this data.' },
  'source.not_found': { status: 404, message: 'The data of this leaf is gone.' },
  'source.forbidden': { status: 403, message: 'The data of this leaf cannot be opened.' },
  'source.unavailable': { status: 503, message: 'The source of this leaf cannot be reached.' },
  'source.changed': { status: 409, message: 'The data of this leaf changed while it was read.' },
  'format.unknown': { status: 415, message: 'The format of this leaf is not supported.' },
  'format.corrupt': { status: 502, message: 'The data of this leaf is not valid in its format.' },
  'format.limit': { status: 502, message: 'The data of this leaf exceeds a limit of its format reader.' },
  'audit.failed': { status: 503, message: 'Access could not be recorded, so it is not given.' },
  'bus.unavailable': { status: 503, message: 'The message broker cannot be reached. Try again.' },
  'bus.undecodable': { status: 500, message: 'A message could not be decoded.' },
  'store.unavailable': { status: 503, message: 'The token store cannot be reached. Try again.' },
  'config.invalid': { status: 500, message: 'The configuration is not valid.' },
  'tool.missing': { status: 500, message: 'A program that this command needs is missing.' },
  'tool.failed': { status: 500, message: 'A program that this command needs failed.' },
  'service.stopping': { status: 503, message: 'The server is stopping.' },
  'service.busy': { status: 503, message: 'The server is busy. Try again.' },
  internal: { status: 500, message: 'Something went wrong here; it has been logged.' },
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errorTable

/** `message` is shown to the caller: it must quote no data, no path of this machine and no text of a third-party parser. */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError'
  readonly code: ErrorCode
  readonly status: number

  constructor(code: ErrorCode, options: { readonly message?: string; readonly cause?: unknown } = {}) {
    super(options.message ?? errorTable[code].message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.status = errorTable[code].status
  }
}

/** Anything thrown becomes one of ours; what is not ours becomes `internal`, its own text kept as the cause only. */
export function toPortcullisError(thrown: unknown, code: ErrorCode = 'internal'): PortcullisError {
  return thrown instanceof PortcullisError ? thrown : new PortcullisError(code, { cause: thrown })
}
