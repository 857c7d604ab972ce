/** Reads the configuration file: complete, checked, frozen, with all problems reported at once. Unsafe configuration does not start. */
import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { CORE_SCHEMA, load } from 'js-yaml'
import { PortcullisError } from '../domain/errors.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import { type ConfigFile, configSchema } from './config-schema.ts'
import { sourceProblems, sourceWithPaths, withoutSecrets } from './source-schema.ts'

export const serviceNames = ['request', 'user', 'resource', 'policy', 'masking', 'delivery', 'data', 'audit'] as const
export type ServiceName = (typeof serviceNames)[number]

export const configFileBytesMax = 1024 * 1024

export type Config = ConfigFile & {
  /** Which services this process runs. */
  readonly services: readonly ServiceName[]
}

export type ConfigOverrides = {
  readonly listen?: string | undefined
  readonly services?: readonly string[] | undefined
}

/** @throws PortcullisError config.invalid whose message lists every problem, one a line, with the place in the file */
export async function readConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  overrides: ConfigOverrides = {},
): Promise<Config> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw invalid([`${file}: cannot be read`], cause)
  })
  if (text.length > configFileBytesMax) throw invalid([`${file}: is larger than ${configFileBytesMax} bytes`])
  let document: unknown
  try {
    document = load(text, { schema: CORE_SCHEMA, maxAliases: 0, filename: file })
  } catch (cause) {
    const { mark } = cause as { mark?: { line: number; column: number } }
    throw invalid(
      [`${file}${mark === undefined ? '' : `:${mark.line + 1}:${mark.column + 1}`}: is not valid YAML`],
      cause,
    )
  }
  const problems: string[] = []
  const interpolated = interpolate(document, environment, '', problems) as Record<string, unknown>
  if (overrides.listen !== undefined && typeof interpolated === 'object' && interpolated !== null)
    interpolated.listen = overrides.listen
  return parseConfig(interpolated, { folder: dirname(resolve(file)), services: overrides.services, problems })
}

type ParseOptions = {
  readonly folder: string
  readonly services?: readonly string[] | undefined
  readonly problems?: readonly string[]
}

/** Relative paths are taken from `folder`. @throws PortcullisError config.invalid */
export function parseConfig(document: unknown, options: ParseOptions): Config {
  const problems = [...(options.problems ?? [])]
  const validate = new Ajv2020({ allErrors: true, strict: false, discriminator: true }).compile<ConfigFile>(
    configSchema,
  )
  const services = parseServices(options.services, problems)
  if (!validate(document)) throw invalid([...problems, ...describe(validate.errors ?? [])])
  const config = withPaths(document, options.folder)
  problems.push(...unsafe(config, services))
  if (problems.length > 0) throw invalid(problems)
  return deepFreeze({ ...config, services })
}

/** `${NAME}` and `${NAME:-default}` in any string. */
function interpolate(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  at: string,
  problems: string[],
): unknown {
  if (typeof value === 'string')
    return value.replaceAll(
      /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/gu,
      (_, name: string, fallback: string | undefined) => {
        const found = environment[name]
        if (found !== undefined && found !== '') return found
        if (fallback === undefined) problems.push(`${at || '/'}: the environment variable ${name} is not set`)
        return fallback ?? ''
      },
    )
  if (Array.isArray(value))
    return value.map((item, index) => interpolate(item, environment, `${at}/${index}`, problems))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolate(item, environment, `${at}/${key}`, problems)]),
    )
  return value
}

function withPaths(config: ConfigFile, folder: string): ConfigFile {
  const path = (text: string) => (isAbsolute(text) ? text : resolve(folder, text))
  const { authentication, tokens } = config
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
    tokens:
      tokens.kind === 'embedded' && tokens.folder !== undefined ? { ...tokens, folder: path(tokens.folder) } : tokens,
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

function parseServices(names: readonly string[] | undefined, problems: string[]): readonly ServiceName[] {
  if (names === undefined) return serviceNames
  for (const name of names)
    if (!(serviceNames as readonly string[]).includes(name))
      problems.push(`--services: ${JSON.stringify(name)} is none of ${serviceNames.join(', ')}`)
  return serviceNames.filter((name) => names.includes(name))
}

function unsafe(config: ConfigFile, services: readonly ServiceName[]): string[] {
  const problems: string[] = []
  if (config.authentication.kind === 'none' && !isLoopback(config.listen))
    problems.push('/authentication: kind none serves loopback only; use kind jwt, or listen on 127.0.0.1 or [::1]')
  if (services.length < serviceNames.length && (config.bus.kind === 'embedded' || config.tokens.kind === 'embedded'))
    problems.push('--services: some services alone need bus.kind kafka and tokens.kind redis')
  if (config.bus.kind === 'kafka' && config.tokens.kind === 'embedded')
    problems.push('/tokens: bus.kind kafka needs tokens.kind redis, which all processes share')
  if (config.bus.kind === 'embedded' && config.tokens.kind === 'redis')
    problems.push('/bus: tokens.kind redis needs bus.kind kafka')
  for (const [index, root] of config.catalogue.roots.entries()) {
    const at = `/catalogue/roots/${index}/id`
    problems.push(...sourceProblems(root, `/catalogue/roots/${index}`))
    try {
      if (!parseResourceId(root.id).endsWith('/')) problems.push(`${at}: a root ends in /`)
    } catch (thrown) {
      problems.push(`${at}: ${(thrown as PortcullisError).message.replace('resourceId: ', '')}`)
    }
  }
  const port = Number(config.listen.slice(config.listen.lastIndexOf(':') + 1))
  if (port > 65_535) problems.push('/listen: a port is at most 65535')
  const ids = config.catalogue.roots.map(({ id }) => id)
  for (const id of ids)
    if (ids.some((other) => other !== id && id.startsWith(other)))
      problems.push(`/catalogue/roots: ${id} lies below another root`)
  const { etagKey } = config.reading ?? {}
  if (etagKey !== undefined && Buffer.from(etagKey, 'base64').length < 32)
    problems.push('/reading/etagKey: needs at least 32 bytes, in base64')
  const { hashKeys } = config.policy
  if (hashKeys !== undefined) {
    if (hashKeys.keys[hashKeys.current] === undefined) problems.push('/policy/hashKeys/current: names no key')
    for (const [name, key] of Object.entries(hashKeys.keys))
      if (Buffer.from(key, 'base64').length < 32)
        problems.push(`/policy/hashKeys/keys/${name}: needs at least 32 bytes, in base64`)
  }
  return problems
}

export function isLoopback(listen: string): boolean {
  const host = listen.slice(0, listen.lastIndexOf(':'))
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/u.test(host)
}

function describe(errors: readonly ErrorObject[]): string[] {
  const lines = errors.map(({ instancePath, keyword, message, params }) => {
    const at = instancePath || '/'
    if (keyword === 'additionalProperties') return `${at}: unknown key ${JSON.stringify(params.additionalProperty)}`
    if (keyword === 'discriminator') return `${at}: kind is none of those known here`
    return `${at}: ${message ?? keyword}`
  })
  return [...new Set(lines)]
}

/** The configuration as text for people: secrets show as ***. */
export function describeConfig(config: Config): string {
  const shown = structuredClone(config) as Record<string, unknown> & ConfigFile
  shown.catalogue.roots = shown.catalogue.roots.map(withoutSecrets)
  if (shown.tokens.kind === 'redis') Object.assign(shown.tokens, { url: '***' })
  if (shown.policy.hashKeys !== undefined)
    for (const name of Object.keys(shown.policy.hashKeys.keys)) shown.policy.hashKeys.keys[name] = '***'
  return JSON.stringify(shown, undefined, 2)
}

function invalid(problems: readonly string[], cause?: unknown): PortcullisError {
  return new PortcullisError('config.invalid', {
    message: `The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    cause,
  })
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
