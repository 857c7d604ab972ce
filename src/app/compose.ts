/** The composition root: the only place that names adapters. Each part is made when something needs it, and closed in reverse. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { AuditTrail } from '../audit/audit-trail.ts'
import { createAuditBus } from '../audit/bus/audit-bus.ts'
import { createAuditFile } from '../audit/file/audit-file.ts'
import type { Bus } from '../bus/bus.ts'
import type { ResourceCatalogue } from '../catalogue/resource-catalogue.ts'
import { createFileUserDirectory } from '../directory/file/file-user-directory.ts'
import type { UserDirectory } from '../directory/user-directory.ts'
import { systemClock } from '../domain/clock.ts'
import { PortcullisError } from '../domain/errors.ts'
import { parseUserId, type ResourceId, type Token, type UserId } from '../domain/ids.ts'
import { flow } from '../flow.ts'
import type { Format } from '../formats/format.ts'
import type { ServedBundle } from '../http/bundles.ts'
import type { BundleStatus } from '../http/metrics.ts'
import type { RecordLimited } from '../http/rate/rate-limits.ts'
import type { RecordRefusal } from '../http/refusals.ts'
import { createAuditEvents } from '../pipeline/audit-events.ts'
import { knownToken } from '../pipeline/known-token.ts'
import { runSink, runStage } from '../pipeline/run-stage.ts'
import type { Reader } from '../readers/reader.ts'
import type { DataApi, DecisionPolicy, DeliveryApi, RequestApi } from '../services/api.ts'
import { runAuditService } from '../services/audit/audit-service.ts'
import { createDataService } from '../services/data/data-service.ts'
import { createDeliveryService } from '../services/delivery/delivery-service.ts'
import { createRequestService, replayUnfinished } from '../services/request/request-service.ts'
import type { TokenStore } from '../tokens/token-store.ts'
import { createBus, createFormats, createShapers, createTokenStore } from './adapters.ts'
import { type Closers, createClosers } from './closers.ts'
import type { Config } from './config.ts'
import { accessDecisions, productDecisions } from './decision-point.ts'
import { describeError, pipelineLog } from './log.ts'
import { openPolicy, openProductPolicy, type PolicyHolder, type ProductPolicyHolder } from './open-policy.ts'
import { limitedRecorder, refusalRecorder } from './refusal-records.ts'
import { createSources, type Sources } from './sources.ts'
import { supervise } from './supervise.ts'

/** What a token lives, reads at once, and the pause between rechecks where the configuration says nothing. */
export const defaults = { timeToLiveSeconds: 24 * 3600, readsMax: 256, recheckMs: 500 } as const

/** The three that clients talk to; absent where this process does not run them. */
export type Services = {
  readonly requests?: RequestApi
  readonly delivery?: DeliveryApi
  readonly data?: DataApi
  /** Whose a token is, for callers that nobody authenticated; there where one of the three is. @throws token.unknown */
  readonly ownerOf?: (token: Token, leaf?: ResourceId) => Promise<UserId>
  /** Records that somebody was refused before any service was asked. @throws audit.failed */
  readonly refused: RecordRefusal
  /** Records what limits refused, summed up. @throws audit.failed */
  readonly limited: RecordLimited
}

export type Composition = AsyncDisposable & {
  readonly services: Services
  /** The active bundles, by name, for other engines to fetch. */
  readonly bundles: Readonly<Record<string, ServedBundle>>
  /** How each stands, by name. */
  readonly bundleStatuses: () => Readonly<Record<string, BundleStatus>>
  /** What answers questions of others. */
  readonly policies: readonly DecisionPolicy[]
  /** What readiness asks, by name. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  /** How things stand, for operators. */
  status(): Readonly<Record<string, unknown>>
  /** Starts the pipeline; resolves when it runs. */
  start(): Promise<void>
}

export async function compose(config: Config, log: Logger): Promise<Composition> {
  const opening = createClosers()
  try {
    return await composeInto(opening, config, log)
  } catch (thrown) {
    await opening[Symbol.asyncDispose]()
    throw thrown
  }
}

async function composeInto(opening: Closers, config: Config, log: Logger): Promise<Composition> {
  const stopping = new AbortController()
  const now = systemClock.now
  const runs = (name: Config['services'][number]) => config.services.includes(name)
  const needs = {
    bus: config.services.some((name) => name !== 'data') || config.bus.kind !== 'embedded',
    tokens: ['request', 'resource', 'masking', 'delivery', 'data'].some((name) =>
      runs(name as Config['services'][number]),
    ),
    engine: runs('user') || runs('policy') || runs('data'),
    directory: runs('user') || runs('data'),
    catalogue: runs('resource') || runs('data'),
  }

  const auditFile =
    config.bus.kind === 'embedded' || runs('audit') ? opening.use(await openAuditFile(config)) : undefined
  const bus = needs.bus ? opening.use(await createBus(config.bus, { log, clock: systemClock })) : undefined
  const tokens = needs.tokens
    ? opening.use(await createTokenStore(config.tokens, { log, clock: systemClock }))
    : undefined
  const policy = needs.engine ? opening.use(await openPolicy(config, log)) : undefined
  const productPolicy = needs.engine ? await openProductPolicy(config, log) : undefined
  if (productPolicy !== undefined) opening.use(productPolicy)
  const directory = needs.directory ? opening.use(await openDirectory(config, log)) : undefined
  const sources = needs.catalogue ? opening.use(await openSources(config, log)) : undefined
  const catalogue = sources?.catalogue
  // embedded, the trail is the file; behind a broker it is the topics, and the audit service writes the file
  const trail: AuditTrail =
    config.bus.kind === 'embedded'
      ? auditFile!
      : createAuditBus({ publishAudit: (topic, events) => bus!.publishAudit(topic, events) })

  const services: Services = {
    ...(tokens === undefined ? {} : { ownerOf: ownerFinder(tokens, trail) }),
    refused: refusalRecorder(trail),
    limited: limitedRecorder(trail),
    ...(runs('request') ? { requests: requestService(config, bus!, tokens!, trail) } : {}),
    ...(runs('delivery')
      ? { delivery: createDeliveryService({ tokens: tokens!, trail, events: createAuditEvents('delivery', now) }) }
      : {}),
    ...(runs('data')
      ? {
          data: await dataService(config, log, {
            tokens: tokens!,
            directory: directory!,
            catalogue: catalogue!,
            readers: sources!.readers,
            policy: policy!,
            trail,
          }),
        }
      : {}),
  }

  const pipeline = { bus: bus!, trail, log: pipelineLog(log), signal: stopping.signal, now }
  const engine = policy?.engine
  const loops: Readonly<Record<string, () => Promise<void>>> = {
    ...(runs('user')
      ? {
          user: () =>
            runStage(
              flow.user({ directory: directory!, engine: engine!, events: createAuditEvents('user', now), now }),
              pipeline,
            ),
        }
      : {}),
    ...(runs('resource')
      ? {
          resource: () =>
            runStage(
              flow.resource({ catalogue: catalogue!, tokens: tokens!, events: createAuditEvents('resource', now) }),
              pipeline,
            ),
        }
      : {}),
    ...(runs('policy')
      ? {
          policy: () =>
            runStage(flow.policy({ engine: engine!, events: createAuditEvents('policy', now), now }), pipeline),
        }
      : {}),
    ...(runs('masking') ? { masking: () => runStage(flow.masking({ tokens: tokens!, now }), pipeline) } : {}),
    ...(runs('delivery') ? { delivery: () => runSink(flow.delivery({ tokens: tokens! }), pipeline) } : {}),
    ...(runs('audit') && config.bus.kind !== 'embedded'
      ? {
          audit: () =>
            runAuditService({
              bus: bus!,
              log: auditFile!,
              events: createAuditEvents('audit', now),
              pipelineLog: pipelineLog(log),
              signal: stopping.signal,
            }),
        }
      : {}),
  }
  const running: Promise<void>[] = []
  opening.defer(async () => {
    stopping.abort()
    await Promise.all(running)
  })

  return {
    services,
    bundles: {
      ...(policy === undefined ? {} : { access: policy }),
      ...(productPolicy === undefined ? {} : { dataproduct: productPolicy }),
    },
    bundleStatuses: () => statuses(policy, productPolicy),
    policies: [
      ...(policy === undefined ? [] : [accessDecisions(policy, now)]),
      ...(productPolicy === undefined ? [] : [productDecisions(productPolicy)]),
    ],
    checks: {
      ...(bus === undefined ? {} : { bus: () => bus.check() }),
      ...(tokens === undefined ? {} : { tokens: () => tokens.check() }),
      ...(directory === undefined ? {} : { directory: () => checkDirectory(directory) }),
    },
    status: () =>
      policy === undefined
        ? {}
        : { policy: { revision: policy.engine().revision }, bundles: statuses(policy, productPolicy) },
    async start() {
      for (const [name, run] of Object.entries(loops))
        running.push(
          supervise(run, {
            signal: stopping.signal,
            onFault: (thrown) => log.error({ service: name, ...describeError(thrown) }, 'service.restarted'),
          }),
        )
      if (config.bus.kind !== 'embedded' || tokens === undefined || bus === undefined) return
      const replayed = await replayUnfinished({ bus, tokens })
      if (replayed > 0) log.info({ requests: replayed }, 'requests.replayed')
    },
    [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose](),
  }
}

function statuses(
  policy: PolicyHolder | undefined,
  productPolicy: ProductPolicyHolder | undefined,
): Readonly<Record<string, BundleStatus>> {
  return {
    ...(policy === undefined ? {} : { access: policy.status() }),
    ...(productPolicy === undefined ? {} : { dataproduct: productPolicy.status() }),
  }
}

function openAuditFile(config: Config): Promise<AuditTrail> {
  return createAuditFile({
    folder: config.audit.folder,
    durability: config.audit.durability ?? 'os',
    rememberAcrossRestarts: true,
  })
}

/** A directory that answers that it does not know somebody, answers. */
async function checkDirectory(directory: UserDirectory): Promise<void> {
  await directory.find(parseUserId('readiness probe')).catch((thrown: unknown) => {
    if (!(thrown instanceof PortcullisError && thrown.code === 'user.unknown')) throw thrown
  })
}

function openDirectory(config: Config, log: Logger): Promise<UserDirectory> {
  return createFileUserDirectory({
    file: config.directory.file,
    clock: systemClock,
    onProblem: (problem) => log.error({ problem }, 'directory.unusable'),
  })
}

function openSources(config: Config, log: Logger): Promise<Sources> {
  return createSources(config.catalogue.roots, {
    environment: process.env,
    now: systemClock.now,
    onUnnameable: (folder, count) => log.warn({ folder, count }, 'catalogue.unnameable'),
    onMissingFolder: (root) => log.warn({ root }, 'catalogue.folder_missing'),
  })
}

function requestService(config: Config, bus: Bus, tokens: TokenStore, trail: AuditTrail): RequestApi {
  return createRequestService({
    bus,
    tokens,
    trail,
    events: createAuditEvents('request', systemClock.now),
    now: systemClock.now,
    mintToken: () => randomUUID() as Token,
    timeToLiveMs: (config.requests?.timeToLiveSeconds ?? defaults.timeToLiveSeconds) * 1000,
  })
}

function ownerFinder(tokens: TokenStore, trail: AuditTrail): NonNullable<Services['ownerOf']> {
  const deps = { trail, events: createAuditEvents('edge', systemClock.now) }
  return async (token, leaf) => {
    const asked = leaf === undefined ? { token } : { token, leaf }
    return (await knownToken(deps, asked, () => tokens.findForPipeline(token))).owner
  }
}

type DataParts = {
  readonly tokens: TokenStore
  readonly directory: UserDirectory
  readonly catalogue: ResourceCatalogue
  readonly readers: readonly Reader[]
  readonly policy: PolicyHolder
  readonly trail: AuditTrail
}

async function dataService(config: Config, log: Logger, parts: DataParts): Promise<DataApi> {
  const formats: readonly Format[] = await createFormats(config.policy)
  return createDataService({
    ...parts,
    engine: parts.policy.engine,
    formats,
    shapers: await createShapers(),
    etagKey: config.reading?.etagKey === undefined ? randomBytes(32) : Buffer.from(config.reading.etagKey, 'base64'),
    events: createAuditEvents('data', systemClock.now),
    now: systemClock.now,
    readsMax: config.reading?.readsMax ?? defaults.readsMax,
    recheckMs: config.reading?.recheckMs ?? defaults.recheckMs,
    onFault: (thrown, read) => log.info({ ...read, ...describeError(thrown) }, 'read.ended'),
  })
}
