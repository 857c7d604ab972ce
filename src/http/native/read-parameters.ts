/** What a read may be asked for in its address, and what it answers: validated, and published as OpenAPI. */
import { Type } from 'typebox'
import { problemResponses } from '../schemas.ts'
import { invalid } from '../validation.ts'

const count = '^[1-9][0-9]{0,14}$'
const countOrNone = '^(?:0|[1-9][0-9]{0,14})$'
const columnsMax = 4_096

export const readQuery = Type.Object(
  {
    leafId: Type.String({ examples: ['file:/data/hr/employee_file0.avro'] }),
    columns: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Columns to give, by name or as JSON pointers, with commas between: `uid,/name`. Top-level ones only; their order stays that of the leaf. Policy decides on the whole record none the less.',
      }),
    ),
    limit: Type.Optional(
      Type.String({ pattern: count, description: 'Records to give at most; the answer ends cleanly.' }),
    ),
    after: Type.Optional(
      Type.String({
        pattern: countOrNone,
        description:
          'Records of an answer in NDJSON that was cut which the client has whole: the others follow. Needs `If-Match` with the ETag of that answer.',
      }),
    ),
  },
  { additionalProperties: false },
)

const binary = {
  'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
  'application/x-ndjson': { schema: { type: 'string' } },
}
const text = { schema: { type: 'string' } }

export const readResponses = {
  200: {
    description:
      'The bytes, as the leaf’s own type or as NDJSON. A client that sends `TE: trailers` gets `repr-digest` and, where records are counted, `x-records-returned` behind the last byte.',
    headers: {
      etag: { ...text, description: 'names these bytes for this user, purpose and shape' },
      'accept-ranges': { ...text, description: '`bytes`, only where the bytes pass untouched' },
      vary: text,
    },
    content: binary,
  },
  206: {
    description:
      'The range, where the bytes pass untouched. Otherwise `Range` is not heard, and the answer is 200 and whole',
    headers: { 'content-range': text },
    content: binary,
  },
  304: { description: 'The client has it already: `If-None-Match` names it', type: 'null' },
  ...problemResponses(400, 401, 403, 404, 406, 409, 410, 412, 415, 416, 500, 503),
}

/** In an order of its own, each once. @throws request.invalid */
export function parseColumns(text: string): readonly string[] {
  const names = text.split(',').map((part) => {
    if (!part.startsWith('/')) return part
    const name = part.slice(1)
    if (name.includes('/')) throw invalid('columns', 'only whole top-level columns can be chosen')
    if (/~(?![01])/u.test(name)) throw invalid('columns', 'has a malformed JSON pointer')
    return name.replaceAll('~1', '/').replaceAll('~0', '~')
  })
  if (names.includes('')) throw invalid('columns', 'has an empty name')
  if (names.length > columnsMax) throw invalid('columns', `has more than ${columnsMax} names`)
  return [...new Set(names)].sort()
}
