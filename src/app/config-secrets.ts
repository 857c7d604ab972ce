/** The configuration for people to see: whatever the schema calls a secret shows as ***. */
import { configSchema } from './config-schema.ts'

type Schema = {
  readonly 'x-secret'?: boolean
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}

export function withoutSecrets(config: unknown): unknown {
  return shown(config, [configSchema as Schema])
}

/** Hidden if any of the schemas says so: which of several applies makes no difference. */
function shown(value: unknown, given: readonly Schema[]): unknown {
  const schemas = given.flatMap((schema) => [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])])
  if (schemas.some((schema) => schema['x-secret'] === true)) return '***'
  if (Array.isArray(value)) {
    const items = schemas.flatMap(({ items }) => (items === undefined ? [] : [items]))
    return value.map((item) => shown(item, items))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, shown(item, membersNamed(name, schemas))]),
  )
}

function membersNamed(name: string, schemas: readonly Schema[]): Schema[] {
  return schemas.flatMap(({ properties = {}, patternProperties = {} }) => [
    ...(Object.hasOwn(properties, name) ? [properties[name]!] : []),
    ...Object.values(patternProperties),
  ])
}
