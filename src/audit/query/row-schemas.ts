/** What an auditor is told, a row at a time: the published shapes of `portcullis audit`, with what each field means. */
import { type Static, Type } from 'typebox'
import type { Reason } from '../../domain/decision.ts'
import type { Context } from '../../domain/records.ts'

const closed = { additionalProperties: false } as const
const time = (description: string) => Type.Optional(Type.String({ description: `${description}; ISO 8601, UTC` }))
const text = (description: string) => Type.Optional(Type.String({ description }))
const count = (description: string) => Type.Integer({ minimum: 0, description })
const counted = (description: string) => Type.Optional(count(description))

const reasons = Type.Optional(
  Type.Unsafe<readonly Reason[]>(
    Type.Array(
      Type.Object(
        {
          code: Type.String(),
          rule: Type.Optional(Type.String()),
          title: Type.Optional(Type.String()),
          place: Type.Optional(Type.String()),
          layer: Type.Optional(Type.String()),
        },
        closed,
      ),
      {
        description: 'of a denial why; of a permit what its rule marks for the audit log, such as an emergency access',
      },
    ),
  ),
)
const decision = (description: string) => Type.Optional(Type.Enum(['permit', 'deny'], { description }))
const who = {
  userId: text('who called; absent where nobody was identified'),
  purpose: text('what for: `context.purpose` of the request; may be empty; absent where the request is not known'),
  context: Type.Optional(
    Type.Unsafe<Context>(
      Type.Record(Type.String(), Type.String(), {
        description: 'all that the caller stated with the request, the purpose among it',
      }),
    ),
  ),
  tokenHash: text('names the request: the first 32 hex digits of the SHA-256 of its token'),
}

const readOutcomes = ['finished', 'aborted', 'refused', 'unfinished'] as const
const requestOutcomes = ['permitted', 'refused', 'failed', 'withheld', 'registered'] as const

export const readRowSchema = Type.Object(
  {
    startedAt: time('before the first byte was sent; absent where the log that was read does not hold the start'),
    endedAt: time('when it finished, was aborted or refused; absent while unfinished'),
    outcome: Type.Enum(readOutcomes, {
      description:
        '`finished`: everything policy lets through was sent; `aborted`: cut before its end, by either side; `refused`: no byte was sent; `unfinished`: the log holds no end: it goes on, or the process died',
    }),
    userId: who.userId,
    purpose: who.purpose,
    leafId: text('what was read'),
    resourceId: text('what the request had asked for'),
    revision: text('of the policies that decided'),
    decision: decision('of policy or server; absent where a read ended for another cause'),
    code: text('why it was refused or aborted'),
    reasons,
    recordsProcessed: counted('records the guard looked at; absent where bytes pass untouched and nobody counts'),
    recordsReturned: counted('records that were let through'),
    recordsDropped: counted('the difference of the two: records that policy hides, or that a limit or a cut left over'),
    bytesWritten: counted('bytes sent'),
    tokenHash: who.tokenHash,
    readId: text('names the read'),
    context: who.context,
  },
  closed,
)

export const requestRowSchema = Type.Object(
  {
    time: time('when it was registered, or a call was refused; absent where the log that was read does not hold that'),
    outcome: Type.Enum(requestOutcomes, {
      description:
        '`permitted`: a leaf at least was shown or opened; `refused`: the request, or a call about it, was turned away; `failed`: it could not be answered; `withheld`: leaves were withheld and none was shown or opened; `registered`: nothing else is in the log',
    }),
    userId: who.userId,
    purpose: who.purpose,
    resourceId: text('what was asked for'),
    decision: decision('`permit` where permitted, `deny` where refused, otherwise absent'),
    code: text('why it was refused or failed'),
    reasons,
    revisions: Type.Array(Type.String(), { description: 'of the policies that decided, in order' }),
    leavesDelivered: count('different leaves that were shown to the caller'),
    leavesWithheld: count('different leaves that policy withheld: for the caller they do not exist'),
    readsFinished: count('reads with a clean end'),
    readsAborted: count('reads cut before their end'),
    readsRefused: count('reads of which no byte was sent'),
    readsUnfinished: count('reads without an end in the log'),
    recordsReturned: count('by all its reads, where they are counted'),
    recordsDropped: count('by all its reads, where they are counted'),
    bytesWritten: count('by all its reads'),
    revokedAt: time('when its owner ended it'),
    tokenHash: who.tokenHash,
    calls: counted('how many refused calls the row stands for, where a limit refused them'),
    limit: text('which limit'),
    client: text('from where the call or calls came that were turned away, unless a user is known'),
    context: who.context,
  },
  closed,
)

export const dimensions = ['user', 'purpose', 'resource', 'leaf', 'revision', 'day'] as const

export const summaryRowSchema = Type.Object(
  {
    by: Type.Array(Type.Enum(dimensions), {
      description: 'what this row is a count by',
    }),
    user: text('where counted by it; absent where an event does not name any'),
    purpose: text('where counted by it'),
    resource: text('what was asked for, where counted by it'),
    leaf: text('where counted by it; only reads, and leaves shown or withheld, have one'),
    revision: text('where counted by it'),
    day: text('where counted by it; UTC'),
    requests: count('registered'),
    requestsRefused: count('requests, and calls about them, that were turned away'),
    requestsFailed: count('requests that could not be answered, as a whole or for a leaf'),
    leavesDelivered: count('times that a leaf was shown'),
    leavesWithheld: count('leaves that policy withheld'),
    readsFinished: count('reads with a clean end'),
    readsAborted: count('reads cut before their end'),
    readsRefused: count('reads of which no byte was sent'),
    readsUnfinished: count('reads without an end in the log'),
    recordsReturned: count('by reads that count them'),
    recordsDropped: count('by reads that count them'),
    bytesWritten: count('by reads'),
    revocations: count('requests that their owners ended'),
  },
  closed,
)

export type ReadRow = Static<typeof readRowSchema>
export type RequestRow = Static<typeof requestRowSchema>
export type SummaryRow = Static<typeof summaryRowSchema>
export type Dimension = (typeof dimensions)[number]
export type ReadOutcome = (typeof readOutcomes)[number]
export type RequestOutcome = (typeof requestOutcomes)[number]
