/** The shapes the interfaces share: validated, published as OpenAPI, and the handlers' types. */
import { Type } from 'typebox'
import { limits } from './limits.ts'

export const closed = { additionalProperties: false } as const

/** Flat, of strings; `purpose` may be empty, and may be one that no rule knows. */
export const contextSchema = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  description:
    'What the data is for, and whatever else rules may want to know. An unknown purpose is for the rules to judge.',
  required: ['purpose'],
  properties: { purpose: { type: 'string', maxLength: limits.contextValueLengthMax } },
  maxProperties: limits.contextEntriesMax,
  propertyNames: { minLength: 1, maxLength: limits.contextKeyLengthMax },
  additionalProperties: { type: 'string', maxLength: limits.contextValueLengthMax },
  examples: [{ purpose: 'SALARY' }],
})

export const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'urn:portcullis:error: and the code' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'for people; names the field where a field is wrong' }),
    code: Type.String({ description: 'for programs', examples: ['token.unknown'] }),
    instance: Type.String({ description: 'names this occurrence, also in the log of the server' }),
  },
  { description: 'RFC 9457' },
)

/** For the published document: what a route answers when it does not answer as asked. */
export function problemResponses(...statuses: readonly number[]): Record<number, unknown> {
  // whoever may be refused may be refused too often
  const all = statuses.includes(401) ? [...statuses, 429] : statuses
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: statusWords[status] ?? 'Problem',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  )
}

const statusWords: Readonly<Record<number, string>> = {
  400: 'The request is not valid; the detail names the field',
  401: 'A bearer token is missing or not valid',
  403: 'Not permitted, or not there: the two look alike',
  404: 'There is no such request, or it has ended, or it is somebody else’s',
  406: 'The leaf cannot be given as `Accept` asks',
  409: 'The token was used before, or the data changed',
  410: 'The server lost what it knew of this request: register it again',
  412: 'The answer is no longer the one that `If-Match` names: begin anew',
  415: 'The media type is not supported',
  416: 'The range lies outside the leaf',
  429: 'Too many calls; `Retry-After` says when to come again',
  500: 'A fault, so access is denied',
  503: 'A part cannot be reached, or the server is busy: try again',
}
