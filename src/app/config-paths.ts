/** Names of files and folders in the configuration are relative to the file they stand in. */
import { isAbsolute, resolve } from 'node:path'
import type { ConfigFile } from './config-schema.ts'
import { sourceWithPaths } from './source-schema.ts'
import { busWithPaths, tokensWithPaths } from './transport-schema.ts'

export function withPaths(config: ConfigFile, folder: string): ConfigFile {
  const path = (text: string) => (isAbsolute(text) ? text : resolve(folder, text))
  const { authentication } = config
  return {
    ...config,
    authentication:
      authentication.kind === 'jwt' && 'file' in authentication.keys
        ? { ...authentication, keys: { file: path(authentication.keys.file) } }
        : authentication,
    policy: policyWithPaths(config.policy, path),
    directory: { ...config.directory, file: path(config.directory.file) },
    catalogue: {
      roots: config.catalogue.roots.map((root) => sourceWithPaths(root, path)),
    },
    bus: busWithPaths(config.bus, path),
    tokens: tokensWithPaths(config.tokens, path),
    audit: { ...config.audit, folder: path(config.audit.folder) },
    ...(config.decisionLog === undefined
      ? {}
      : {
          decisionLog: {
            ...config.decisionLog,
            folder: path(config.decisionLog.folder),
            ...(config.decisionLog.policy === undefined ? {} : { policy: path(config.decisionLog.policy) }),
          },
        }),
  }
}

function policyWithPaths(policy: ConfigFile['policy'], path: (text: string) => string): ConfigFile['policy'] {
  const { bundle, productBundle, bundleService, verification } = policy
  return {
    ...policy,
    bundle: isAddress(bundle) ? bundle : path(bundle),
    ...(productBundle === undefined
      ? {}
      : { productBundle: isAddress(productBundle) ? productBundle : path(productBundle) }),
    ...(bundleService?.keep === undefined
      ? {}
      : { bundleService: { ...bundleService, keep: path(bundleService.keep) } }),
    ...(verification === undefined
      ? {}
      : {
          verification: {
            ...verification,
            keys: Object.fromEntries(
              Object.entries(verification.keys).map(([id, key]) => [id, { ...key, file: path(key.file) }]),
            ),
          },
        }),
  }
}

/** Of a bundle: everything else is a file. */
export function isAddress(bundle: string): boolean {
  return /^https?:\/\//u.test(bundle)
}
