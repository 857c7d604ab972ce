/** What the value of a message must look like: one JSON schema a topic and kind. Closed: what they don't name is refused. */
import { type Static, type TSchema, Type } from 'typebox'
import { errorKinds, successKinds } from '../domain/audit-event.ts'
import { userIdLengthMax } from '../domain/ids.ts'
import { resourceIdBytesMax } from '../domain/resource-id.ts'

const closed = { additionalProperties: false } as const
const text = Type.String()
const texts = Type.Record(Type.String(), Type.String())
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const userId = Type.String({ minLength: 1, maxLength: userIdLengthMax, format: 'user-id' })
const resourceId = Type.String({ minLength: 1, maxLength: resourceIdBytesMax, format: 'resource-id' })
const name = Type.String({ minLength: 1, maxLength: 256 })

const context = Type.Record(Type.String(), Type.String(), { required: ['purpose'] })

const user = Type.Object(
  {
    id: userId,
    active: Type.Boolean(),
    roles: Type.Array(Type.String()),
    attributes: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
)

const leaf = Type.Object(
  {
    id: resourceId,
    mediaType: text,
    recordType: text,
    attributes: texts,
    product: Type.Optional(text),
    fields: Type.Optional(Type.Array(Type.Object({ path: text, classification: text }, closed))),
  },
  closed,
)

const reason = Type.Object(
  {
    code: name,
    rule: Type.Optional(text),
    title: Type.Optional(text),
    place: Type.Optional(text),
    layer: Type.Optional(text),
  },
  closed,
)

const request = { userId, resourceId, context }

/** The value of a `data` message. */
export const bodySchemas = {
  request: Type.Object(request, closed),
  user: Type.Object({ ...request, user }, closed),
  resource: Type.Object({ ...request, user, leaf }, closed),
  rule: Type.Object({ ...request, user, leaf, revision: name }, closed),
  'masked-resource': Type.Object({ ...request, leaf, revision: name }, closed),
} as const satisfies Record<string, TSchema>

/** The value of a `withheld` or `failed` message, on every pipeline topic. */
export const outcomeSchemas = {
  withheld: Type.Object({ reasons: Type.Array(reason) }, closed),
  failed: Type.Object({ failure: Type.Object({ code: name, message: text, stage: name }, closed) }, closed),
} as const satisfies Record<string, TSchema>

/** The value of a message on `success` and `error`. */
export const auditEventSchema = Type.Object(
  {
    id: name,
    kind: Type.Union([...successKinds, ...errorKinds].map((kind) => Type.Literal(kind))),
    time: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$' }),
    service: name,
    tokenHash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })),
    userId: Type.Optional(text),
    resourceId: Type.Optional(text),
    leafId: Type.Optional(text),
    index: Type.Optional(count),
    context: Type.Optional(texts),
    decision: Type.Optional(Type.Union([Type.Literal('permit'), Type.Literal('deny')])),
    reasons: Type.Optional(Type.Array(reason)),
    revision: Type.Optional(text),
    code: Type.Optional(text),
    recordsProcessed: Type.Optional(count),
    recordsReturned: Type.Optional(count),
    bytesWritten: Type.Optional(count),
    place: Type.Optional(
      Type.Object({ topic: name, partition: count, offset: Type.String({ pattern: '^[0-9]{1,19}$' }) }, closed),
    ),
    readId: Type.Optional(text),
    limit: Type.Optional(name),
    calls: Type.Optional(count),
    client: Type.Optional(text),
  },
  closed,
)

export type AuditEventMessage = Static<typeof auditEventSchema>
