/** The policies as the configuration asks for them: where the bundle comes from, whose signature it needs, where the last good one is kept. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Verification, VerificationKey } from '../bundles/signature/verify.ts'
import type { BundleSource } from '../bundles/source/bundle-source.ts'
import { createFileSource } from '../bundles/source/file-source.ts'
import { systemClock } from '../domain/clock.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { PolicyEngine } from '../policy/policy-engine.ts'
import { createEngineLoader } from './adapters.ts'
import { type BundleHolder, createBundleHolder } from './bundle-holder.ts'
import type { Config } from './config.ts'
import { isAddress } from './config-paths.ts'
import type { ProductPolicy } from './decision-point.ts'
import { describeError } from './log.ts'

export type PolicyHolder = BundleHolder<PolicyEngine>

export type ProductPolicyHolder = BundleHolder<ProductPolicy>

/** @throws PortcullisError bundle.*, config.invalid for a verification key that can't be used */
export async function openPolicy(config: Config, log: Logger): Promise<PolicyHolder> {
  const { checkedShare, bundle } = config.policy
  const load = await createEngineLoader({
    ...(checkedShare === undefined ? {} : { checkedShare }),
    onDifference: () => log.error('policy.layers_differ'),
  })
  return hold(config, log, {
    name: 'access',
    bundle,
    load: (bytes) => {
      const engine = load(bytes)
      if (!engine.fast) log.warn({ revision: engine.revision }, 'policy.plan_unusable')
      return engine
    },
  })
}

/** undefined: none is configured. @throws as openPolicy */
export async function openProductPolicy(config: Config, log: Logger): Promise<ProductPolicyHolder | undefined> {
  const { productBundle: bundle } = config.policy
  if (bundle === undefined) return undefined
  const { loadProductPolicy } = await import('./decision-point.ts')
  return hold(config, log, { name: 'dataproduct', bundle, load: loadProductPolicy })
}

type Held<Engine> = { readonly name: string; readonly bundle: string; readonly load: (bytes: Uint8Array) => Engine }

async function hold<Engine extends Disposable & { readonly revision: string }>(
  { policy: { bundleService, verification } }: Config,
  log: Logger,
  { name, bundle, load }: Held<Engine>,
): Promise<BundleHolder<Engine>> {
  const [verify, source, { createLastGood }] = await Promise.all([
    verifierOf(verification),
    sourceOf(bundle, bundleService),
    import('../bundles/source/last-good.ts'),
  ])
  return createBundleHolder({
    source,
    verify,
    load,
    ...(bundleService?.keep === undefined ? {} : { lastGood: createLastGood(join(bundleService.keep, name)) }),
    now: systemClock.now,
    onActivated: (revision) => log.info({ bundle: name, revision }, 'policy.activated'),
    onProblem: (thrown) => log.error({ bundle: name, ...describeError(thrown) }, 'policy.refused'),
  })
}

async function sourceOf(bundle: string, bundleService: Config['policy']['bundleService']): Promise<BundleSource> {
  if (!isAddress(bundle)) return createFileSource(bundle)
  const { createHttpSource } = await import('../bundles/source/http-source.ts')
  const { keep: _, ...options } = bundleService ?? {}
  return createHttpSource({ url: bundle, ...options })
}

async function verifierOf(configured: Config['policy']['verification']): Promise<(bytes: Uint8Array) => Promise<void>> {
  if (configured === undefined) return async () => undefined
  const { publicKeyOf, verifyBundle } = await import('../bundles/signature/verify.ts')
  const keys = await Promise.all(
    Object.entries(configured.keys).map(async ([id, { file, ...rest }]): Promise<[string, VerificationKey]> => {
      const publicKey = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new PortcullisError('config.invalid', {
          message: `/policy/verification/keys/${id}/file: cannot be read`,
          cause,
        })
      })
      const key = { ...rest, publicKey }
      publicKeyOf(key)
      return [id, key]
    }),
  )
  const verification: Verification = {
    keys: Object.fromEntries(keys),
    ...(configured.keyId === undefined ? {} : { keyId: configured.keyId }),
  }
  return (bytes) => verifyBundle(bytes, verification, systemClock.now())
}
