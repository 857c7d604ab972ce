/** OPA's REST Data API, for whoever enforces decisions elsewhere: answers entrypoints and what lies in their results, never the data behind them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { DecisionLog } from '../../audit/decision-log.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { jsonMembers } from '../../domain/json-members.ts'
import type { Answer, DecisionPolicy } from '../../services/api.ts'
import type { Authenticator } from '../authentication/authenticator.ts'
import { errorOf } from '../problems.ts'
import { retryAfterOf } from '../rate/rate-limits.ts'
import { createFinder, type Found } from './find-entrypoint.ts'
import { indentJson } from './indent-json.ts'

export type DataApiDeps = {
  readonly authenticator: Authenticator
  readonly policies: readonly DecisionPolicy[]
  readonly decisionLog?: DecisionLog | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly now: () => number
  readonly newDecisionId: () => string
}

/** The largest body of a question, in bytes: a whole data product may be in it. */
export const inputBytesMax = 16 * 1_048_576

type Asked = { readonly version: 'v0' | 'v1'; readonly keys: readonly string[]; readonly input: string | undefined }

export async function registerDataApi(app: FastifyInstance, deps: DataApiDeps): Promise<void> {
  const find = createFinder(deps.policies)
  let requests = 0
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // OPA takes a body whatever it is called; it is read strictly all the same
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: inputBytesMax }, (_request, body, done) =>
      done(null, body),
    )
    scope.addHook('onRequest', async (request) => {
      request.caller = await deps.authenticator.identify(request.headers)
      if (!request.caller.decider) throw new PortcullisError('auth.role', { message: 'This needs the decision role.' })
    })
    scope.setErrorHandler(async (thrown, request, reply) =>
      sendError(reply, await scope.turnAway(request, errorOf(thrown))),
    )
    const route = (summary: string) => ({ schema: { tags: ['decisions'], summary }, helmet: false as const })
    const handle =
      (version: Asked['version'], inputOf: (request: FastifyRequest) => string | undefined) =>
      async (request: FastifyRequest, reply: FastifyReply) =>
        answer(request, reply, { version, keys: keysOf(request), input: inputOf(request) })
    const v1Body = (request: FastifyRequest) => memberOfBody(bodyText(request))
    const query = (request: FastifyRequest) => queryText(request)
    for (const path of ['/v1/data', '/v1/data/*']) {
      scope.post(path, route('Ask for a decision'), handle('v1', v1Body))
      scope.get(path, route('Ask for a decision, the input in the query'), handle('v1', query))
    }
    for (const path of ['/v0/data', '/v0/data/*'])
      scope.post(
        path,
        route('Ask for a decision: the body is the input, the answer the result'),
        handle('v0', bodyText),
      )
  })

  async function answer(request: FastifyRequest, reply: FastifyReply, { version, keys, input }: Asked) {
    const received = process.hrtime.bigint()
    const decisionId = deps.newDecisionId()
    const found = find(keys)
    const started = process.hrtime.bigint()
    const decided: Answer = found === undefined ? { result: undefined } : found.policy.decide(found.entrypoint, input)
    const evaluated = process.hrtime.bigint()
    const result = found === undefined ? undefined : within(decided.result, found)
    const metrics = {
      timer_rego_query_eval_ns: Number(evaluated - started),
      timer_server_handler_ns: Number(process.hrtime.bigint() - received),
    }
    const bundles = bundlesOf(found === undefined ? deps.policies : [found.policy])
    requests++
    deps.decisionLog?.record(
      {
        decision_id: decisionId,
        labels: deps.labels,
        bundles,
        path: keys.join('/'),
        ...(input === undefined ? {} : { input: JSON.parse(input) as Json }),
        ...(result === undefined ? {} : { result: JSON.parse(result) as Json }),
        requested_by: request.caller.userId ?? request.ip,
        timestamp: new Date(deps.now()).toISOString(),
        metrics,
        req_id: requests,
      },
      (input?.length ?? 0) + (result?.length ?? 0),
    )
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff').type('application/json')
    const options = request.query as Readonly<Record<string, string>>
    const laidOut = (text: string) => `${isOn(options, 'pretty') ? indentJson(text) : text}\n`
    if (version === 'v0')
      return result === undefined
        ? sendOpaError(reply, 404, 'undefined_document', 'document is undefined')
        : reply.send(laidOut(result))
    const members = [
      `"decision_id":${JSON.stringify(decisionId)}`,
      ...(result === undefined ? [] : [`"result":${result}`]),
      ...(isOn(options, 'metrics') || isOn(options, 'instrument') ? [`"metrics":${JSON.stringify(metrics)}`] : []),
      ...(isOn(options, 'provenance')
        ? [`"provenance":${JSON.stringify({ version: deps.labels.version, bundles })}`]
        : []),
      ...(!explainModes.includes(options.explain ?? '') ? [] : [`"explanation":${explanationOf(decided.result)}`]),
      ...(input === undefined
        ? ['"warning":{"code":"api_usage_warning","message":"\'input\' key missing from the request"}']
        : []),
    ]
    // text, which goes out with its headers in one piece
    return reply.send(laidOut(`{${members.join(',')}}`))
  }
}

/** A path may go on into the result. */
function within(result: string | undefined, { rest }: Found): string | undefined {
  let value = result
  for (const key of rest) {
    if (value === undefined) return undefined
    const item: Json | undefined =
      value.startsWith('[') && /^\d+$/.test(key) ? (JSON.parse(value) as Json[])[Number(key)] : undefined
    value = value.startsWith('[')
      ? item === undefined
        ? undefined
        : JSON.stringify(item)
      : jsonMembers(value)?.get(key)
  }
  return value
}

/** The reasons of the answer, as lines. */
function explanationOf(result: string | undefined): string {
  const value = (result === undefined ? {} : JSON.parse(result)) as {
    reasons?: readonly Readonly<Record<string, string>>[]
  }
  const lines = (value?.reasons ?? []).map(({ code = '', rule, title, place }) =>
    [code, rule, title, place].filter((part) => part !== undefined).join(' | '),
  )
  return JSON.stringify(lines)
}

function bundlesOf(policies: readonly DecisionPolicy[]) {
  return Object.fromEntries(policies.map(({ bundle, revision }) => [bundle, { revision: revision() }]))
}

/** Of the address as it came: an encoded slash belongs to a key, and separates nothing. */
function keysOf({ url }: FastifyRequest): readonly string[] {
  const path = url.split('?', 1)[0]!
  return path
    .split('/')
    .slice(3)
    .filter((key) => key !== '')
    .map(decodeURIComponent)
}

function isOn(options: Readonly<Record<string, string>>, name: string): boolean {
  return [options[name]].flat().some((value) => value === '' || value === 'true')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function bodyText({ body }: FastifyRequest): string | undefined {
  if (body === undefined || body === null || (body as Buffer).length === 0) return undefined
  try {
    return checked(utf8.decode(body as Buffer))
  } catch {
    throw new PortcullisError('request.invalid', { message: 'body: is not valid JSON' })
  }
}

function memberOfBody(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const members = jsonMembers(text)
  if (members === undefined)
    throw new PortcullisError('request.invalid', { message: 'body: expected an object with the member input, once' })
  return members.get('input')
}

function queryText({ query }: FastifyRequest): string | undefined {
  const { input } = query as Readonly<Record<string, unknown>>
  if (input === undefined) return undefined
  try {
    return checked(String(input))
  } catch {
    throw new PortcullisError('request.invalid', { message: 'input: is not valid JSON' })
  }
}

function checked(text: string): string {
  JSON.parse(text)
  return text
}

/** OPA's; here each gives the reasons of the decision. */
const explainModes = ['notes', 'fails', 'full', 'debug']

const opaCodes: Readonly<Record<number, string>> = {
  400: 'invalid_parameter',
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'resource_not_found',
  429: 'too_many_requests',
}

/** In OPA's own shape, for its clients. */
function sendError(reply: FastifyReply, error: PortcullisError): FastifyReply {
  if (error.status === 401) void reply.header('www-authenticate', 'Bearer realm="portcullis"')
  if (error.status === 429) void reply.header('retry-after', String(retryAfterOf(error) ?? 1))
  return sendOpaError(
    reply,
    error.status,
    opaCodes[error.status] ?? 'internal_error',
    `${error.message} (${error.code})`,
  )
}

function sendOpaError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return (
    reply
      .code(status)
      .header('cache-control', 'no-store')
      .type('application/json')
      // indented whatever is asked for, as OPA does
      .send(Buffer.from(`${JSON.stringify({ code, message }, undefined, 2)}\n`))
  )
}
