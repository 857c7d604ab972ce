/** Reads the configuration file: complete, checked, frozen, with all problems reported at once. Unsafe configuration does not start. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { CORE_SCHEMA, load } from 'js-yaml'
import { PortcullisError } from '../domain/errors.ts'
import { type Filled, fillFromEnvironment, setValueAt, typedValue, valueAt } from './config-environment.ts'
import { withPaths } from './config-paths.ts'
import { configProblems } from './config-problems.ts'
import { type ConfigFile, configSchema } from './config-schema.ts'
import { withoutSecrets } from './config-secrets.ts'
import { brokenPlaces, schemaProblems } from './schema-problems.ts'

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
  if (overrides.listen !== undefined && typeof document === 'object' && document !== null)
    Object.assign(document, { listen: overrides.listen })
  return parseConfig(document, { folder: dirname(resolve(file)), services: overrides.services, environment })
}

type ParseOptions = {
  readonly folder: string
  readonly services?: readonly string[] | undefined
  /** What `${NAME}` is taken from; absent: it stays as it is. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

const nothingFilled = { names: new Map(), unset: new Set<string>(), problems: [] } as const

/** Relative paths are taken from `folder`. @throws PortcullisError config.invalid */
export function parseConfig(document: unknown, { folder, services: names, environment }: ParseOptions): Config {
  const filled: Filled =
    environment === undefined ? { document, ...nothingFilled } : fillFromEnvironment(document, environment)
  const errors = validate(filled)
  const services = serviceNames.filter((name) => names?.includes(name) ?? true)
  const problems = [
    ...filled.problems,
    ...unknownServices(names),
    ...schemaProblems(errors, filled),
    ...configProblems(filled.document as ConfigFile, {
      isWhole: services.length === serviceNames.length,
      broken: [...brokenPlaces(errors), ...filled.unset],
    }),
  ]
  if (problems.length > 0) throw invalid(problems)
  return deepFreeze({ ...withPaths(filled.document as ConfigFile, folder), services })
}

let compiled: ValidateFunction | undefined

/** Where a variable stands for a number or a boolean, it becomes one. */
function validate({ document, names }: Filled): readonly ErrorObject[] {
  compiled ??= new Ajv2020({ allErrors: true, strict: false, discriminator: true, verbose: true }).compile(configSchema)
  const isValid = compiled
  for (;;) {
    if (isValid(document)) return []
    const errors = isValid.errors ?? []
    const typed = errors.flatMap(({ keyword, instancePath: at, params }) => {
      const text = keyword === 'type' && names.has(at) ? valueAt(document, at) : undefined
      const value = typeof text === 'string' ? typedValue(text, String(params.type)) : undefined
      return value === undefined ? [] : [{ at, value }]
    })
    if (typed.length === 0) return errors
    for (const { at, value } of typed) setValueAt(document, at, value)
  }
}

function unknownServices(names: readonly string[] = []): string[] {
  return names
    .filter((name) => !(serviceNames as readonly string[]).includes(name))
    .map((name) => `--services: ${JSON.stringify(name)} is none of ${serviceNames.join(', ')}`)
}

/** The configuration as text for people: secrets show as ***. */
export function describeConfig(config: Config): string {
  return JSON.stringify(withoutSecrets(config), undefined, 2)
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
