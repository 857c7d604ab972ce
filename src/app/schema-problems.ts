/** What the schema finds wrong with the configuration, in words: where, what, and what may have been meant. */
import type { ErrorObject } from 'ajv/dist/2020.js'
import { didYouMean } from '../dataproduct/schema/did-you-mean.ts'
import type { Filled } from './config-environment.ts'

type Described = { readonly at: string; readonly text: string }
type Parent = {
  readonly description?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly oneOf?: readonly { readonly properties: Readonly<Record<string, { readonly const?: string }>> }[]
  readonly anyOf?: readonly { readonly const?: unknown }[]
}

/** In the order found, each once. What lacks a variable is not told a second time. */
export function schemaProblems(
  errors: readonly ErrorObject[],
  { names, unset }: Pick<Filled, 'names' | 'unset'>,
): string[] {
  const lines = errors.flatMap((error) => {
    const found = describe(error)
    if (found === undefined || unset.has(found.at)) return []
    const variables = names.get(found.at)
    const from = variables === undefined ? '' : ` (it comes from the environment: ${variables.join(', ')})`
    return [`${found.at || '/'}: ${found.text}${from}`]
  })
  return [...new Set(lines)]
}

/** Where a later check must not look: what is there is not as the schema says. A key too many harms no check. */
export function brokenPlaces(errors: readonly ErrorObject[]): string[] {
  return errors
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .map(({ instancePath, keyword, params }) =>
      keyword === 'required' ? `${instancePath}/${String(params.missingProperty)}` : instancePath,
    )
}

function describe({ instancePath: at, keyword, message, params, parentSchema }: ErrorObject): Described | undefined {
  const parent = (parentSchema ?? {}) as Parent
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const meant = didYouMean(key, Object.keys(parent.properties ?? {}))
      const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`
      return { at, text: `unknown key ${JSON.stringify(key)}${hint}` }
    }
    case 'discriminator':
      return { at: `${at}/kind`, text: oneOf((parent.oneOf ?? []).map(({ properties }) => properties['kind']?.const)) }
    case 'anyOf': {
      const values = (parent.anyOf ?? []).map((one) => one.const)
      return { at, text: values.every((value) => value !== undefined) ? oneOf(values) : (message ?? keyword) }
    }
    // the anyOf they are in says it
    case 'const':
      return undefined
    case 'pattern':
      return { at, text: `${message}${parent.description === undefined ? '' : ` (${parent.description})`}` }
    default:
      return { at, text: message ?? keyword }
  }
}

function oneOf(values: readonly unknown[]): string {
  return `must be one of ${values.map((value) => JSON.stringify(value)).join(', ')}`
}
