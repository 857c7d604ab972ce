/** Metrics for Prometheus, and OPA's status of the bundles: how things stand, for operators' tools. */
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Authenticator } from './authentication/authenticator.ts'
import { requireOperator } from './authentication/require-operator.ts'
import { problemResponses } from './schemas.ts'

/** As OPA reports on a bundle. Times are milliseconds since the epoch. */
export type BundleStatus = {
  readonly activeRevision: string
  readonly lastRequest?: number
  readonly lastSuccessfulDownload?: number
  readonly lastSuccessfulActivation?: number
  readonly code?: string
  readonly message?: string
}

export type MetricsDeps = {
  readonly authenticator: Authenticator
  readonly labels: Readonly<Record<string, string>>
  /** By name, as of now. */
  readonly bundles: () => Readonly<Record<string, BundleStatus>>
}

export function registerMetrics(app: FastifyInstance, { authenticator, labels, bundles }: MetricsDeps): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'portcullis_' })
  const answers = new Counter({
    name: 'portcullis_http_answers_total',
    help: 'Answers by route and status',
    labelNames: ['route', 'status'],
    registers: [registry],
  })
  bundleGauges(registry, bundles)
  new Counter({
    name: 'portcullis_http_limited_total',
    help: 'Calls refused for being too many, by the limit they met',
    labelNames: ['limit'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [limit, calls] of Object.entries(app.rateLimits.counts())) this.inc({ limit }, calls)
    },
  })

  app.addHook('onResponse', async (request, reply) => {
    // the pattern, never the address: that would have tokens in it
    answers.inc({ route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) })
  })

  app.get(
    '/metrics',
    {
      schema: {
        tags: ['health'],
        summary: 'Metrics for Prometheus, for operators',
        response: {
          200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
          ...problemResponses(401, 403),
        },
      },
    },
    async (request, reply) => {
      await requireOperator(request, authenticator)
      return reply
        .header('cache-control', 'no-store')
        .type(registry.contentType)
        .send(await registry.metrics())
    },
  )

  app.get(
    '/v1/status',
    {
      schema: {
        tags: ['health'],
        summary: 'The bundles, as OPA tells of them, for operators',
        response: { 200: { type: 'object', additionalProperties: true }, ...problemResponses(401, 403) },
      },
    },
    async (request) => {
      await requireOperator(request, authenticator)
      const entries = Object.entries(bundles()).map(([name, status]) => [name, opaStatus(name, status)])
      return { result: { labels, bundles: Object.fromEntries(entries) } }
    },
  )
}

function opaStatus(name: string, status: BundleStatus) {
  const time = (milliseconds: number | undefined) =>
    milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()
  return {
    name,
    active_revision: status.activeRevision,
    last_request: time(status.lastRequest),
    last_successful_download: time(status.lastSuccessfulDownload),
    last_successful_activation: time(status.lastSuccessfulActivation),
    code: status.code,
    message: status.message,
  }
}

function bundleGauges(registry: Registry, bundles: MetricsDeps['bundles']): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    set: (gauge: Gauge, bundle: string, status: BundleStatus) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        for (const [bundle, status] of Object.entries(bundles())) set(this, bundle, status)
      },
    })
  gauge('portcullis_bundle_active', '1 for the active revision', ['bundle', 'revision'], (one, bundle, status) =>
    one.set({ bundle, revision: status.activeRevision }, 1),
  )
  gauge(
    'portcullis_bundle_activated_timestamp_seconds',
    'When the active revision was activated',
    ['bundle'],
    (one, bundle, { lastSuccessfulActivation = 0 }) => one.set({ bundle }, lastSuccessfulActivation / 1000),
  )
  gauge(
    'portcullis_bundle_failed',
    '1 where the newest bundle, or its source, is not usable',
    ['bundle', 'code'],
    (one, bundle, { code }) => {
      if (code !== undefined) one.set({ bundle, code }, 1)
    },
  )
}
