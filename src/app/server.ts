/** One process: composes the services, mounts what clients talk to, and listens. */
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../domain/clock.ts'
import { PortcullisError } from '../domain/errors.ts'
import { createAuthenticator } from '../http/authentication/authenticator.ts'
import { registerBundleRoutes } from '../http/bundles.ts'
import { registerDataApi } from '../http/data-api/data-api.ts'
import { registerHealth } from '../http/health.ts'
import { registerMetrics } from '../http/metrics.ts'
import { registerNativeApi } from '../http/native/native-api.ts'
import { createRateLimits, rateDefaults } from '../http/rate/rate-limits.ts'
import { createHttpServer, listenOptions } from '../http/server.ts'
import { registerPalisadeApi } from '../palisade/palisade-api.ts'
import { createClosers } from './closers.ts'
import { compose } from './compose.ts'
import type { Config } from './config.ts'
import { openDecisionLog } from './decision-point.ts'
import { createLog } from './log.ts'
import { version } from './version.ts'

export type Server = AsyncDisposable & { /** `http://127.0.0.1:8080` */ readonly url: string }

export type ServerOptions = { /** No log at all: for the demo. */ readonly quiet?: boolean }

/** Resolves when it listens; whether all it needs can be reached is what `/health/ready` says. @throws config.invalid, bundle.*, audit.failed */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<Server> {
  const log = createLog(options.quiet === true ? 'silent' : (config.log?.level ?? 'info'))
  if (config.authentication.kind === 'none')
    log.warn({ listen: config.listen }, 'authentication.none: everybody on this machine may be anybody')
  const closers = createClosers()
  try {
    const composition = closers.use(await compose(config, log))
    const { ownerOf, refused, limited, ...services } = composition.services
    const authenticator = await createAuthenticator(config.authentication, {
      log,
      clock: systemClock,
      listen: config.listen,
      ownerOf: ownerOf ?? (async () => Promise.reject(new PortcullisError('token.unknown'))),
    })
    const rateLimits = closers.use(
      createRateLimits({ rates: { ...rateDefaults, ...config.limits }, record: limited, log }),
    )
    // closed after the server, as answers that are under way then are logged, too
    const decisionLog = await openDecisionLog(config.decisionLog, log)
    if (decisionLog !== undefined) closers.use(decisionLog)
    const { trustedProxies = [] } = config
    const app = await createHttpServer({ authenticator, log, version, refused, rateLimits, trustedProxies })
    closers.defer(() => app.close())
    const api = { authenticator, log, ...services, ...config.requests }
    await registerNativeApi(app, api)
    await registerPalisadeApi(app, api)
    const labels = { id: randomUUID(), app: 'portcullis', version }
    registerMetrics(app, { authenticator, labels, bundles: composition.bundleStatuses })
    if (composition.policies.length > 0)
      await registerDataApi(app, {
        authenticator,
        policies: composition.policies,
        decisionLog,
        labels,
        now: systemClock.now,
        newDecisionId: randomUUID,
      })
    registerBundleRoutes(app, { authenticator, bundles: composition.bundles })
    await registerHealth(app, {
      authenticator,
      log,
      checks: composition.checks,
      details: () => ({ version, services: config.services, ...composition.status() }),
    })
    await composition.start()
    await app.listen(listenOptions(config.listen))
    return {
      url: urlOf(config.listen, app.server.address() as AddressInfo),
      [Symbol.asyncDispose]: () => closers[Symbol.asyncDispose](),
    }
  } catch (thrown) {
    await closers[Symbol.asyncDispose]()
    throw thrown
  }
}

function urlOf(listen: string, { port }: AddressInfo): string {
  return `http://${listen.slice(0, listen.lastIndexOf(':'))}:${port}`
}
