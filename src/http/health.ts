/** Alive, ready, and for operators how things stand. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Authenticator } from './authentication/authenticator.ts'
import { requireOperator } from './authentication/require-operator.ts'
import { limits } from './limits.ts'
import type { HttpLog } from './log.ts'
import { problemResponses } from './schemas.ts'

export type HealthDeps = {
  /** By name of what is asked; one that rejects or takes too long has failed. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  /** For operators only. */
  readonly details?: () => Promise<Readonly<Record<string, unknown>>> | Readonly<Record<string, unknown>>
  readonly authenticator: Authenticator
  readonly log: HttpLog
  readonly checkTimeoutMs?: number
}

const readyBody = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('unready')]),
  checks: Type.Record(Type.String(), Type.Union([Type.Literal('ok'), Type.Literal('failed')])),
})

export async function registerHealth(app: FastifyInstance, deps: HealthDeps): Promise<void> {
  app.get(
    '/health/live',
    {
      schema: {
        tags: ['health'],
        security: [],
        summary: 'The process answers',
        response: { 200: Type.Object({ status: Type.Literal('live') }) },
      },
    },
    async () => ({ status: 'live' as const }),
  )

  app.get(
    '/health/ready',
    {
      schema: {
        tags: ['health'],
        security: [],
        summary: 'What this process needs can be reached',
        response: { 200: readyBody, 503: readyBody },
      },
    },
    async (_request, reply) => {
      const readiness = await ask()
      return reply
        .code(readiness.status === 'ready' ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(readiness)
    },
  )

  app.get(
    '/api/v1/status',
    {
      schema: {
        tags: ['health'],
        summary: 'How things stand, for operators',
        response: { 200: { type: 'object', additionalProperties: true }, ...problemResponses(401, 403) },
      },
    },
    async (request) => {
      await requireOperator(request, deps.authenticator)
      return { ...(await ask()), ...(await deps.details?.()) }
    },
  )

  async function ask() {
    const answers = await Promise.all(
      Object.entries(deps.checks).map(
        async ([name, check]) => [name, (await passes(name, check)) ? 'ok' : 'failed'] as const,
      ),
    )
    return {
      status: answers.every(([, answer]) => answer === 'ok') ? ('ready' as const) : ('unready' as const),
      checks: Object.fromEntries(answers),
    }
  }

  async function passes(name: string, check: () => Promise<void>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(reject, deps.checkTimeoutMs ?? limits.checkTimeoutMs, new Error('took too long'))
    })
    try {
      await Promise.race([check(), late])
      return true
    } catch (thrown) {
      deps.log.warn({ check: name, err: thrown }, 'health.failed')
      return false
    } finally {
      clearTimeout(timer)
    }
  }
}
