/** The schema of a record with some of its fields. A type that was defined in a field that goes is defined where it is first used. */
import { PortcullisError } from '../../domain/errors.ts'

type Raw = Readonly<Record<string, unknown>>
/** By full name: what the name means, and the namespace that names inside it are relative to. */
type Definitions = Map<string, Raw>

const kindsWithNames = new Set<unknown>(['record', 'error', 'enum', 'fixed'])

/**
 * `schema`: JSON text of a valid record schema; `chosen`: indexes of its fields, ascending.
 * @throws request.invalid where a chosen field holds records of the root's own type, which have all fields
 */
export function fieldsOnly(schema: string, chosen: readonly number[]): string {
  const root = unwrap(JSON.parse(schema) as Raw)
  const rootName = fullName(root, '')
  const definitions: Definitions = new Map()
  collect(root, '', definitions)
  const defined = new Set<string>()
  const inside = namespaceOf(rootName)
  const fields = (root.fields as readonly Raw[]).filter((_, index) => chosen.includes(index))
  return JSON.stringify({ ...root, fields: fields.map((field) => ({ ...field, type: resolve(field.type, inside) })) })

  /** The type, each name in it defined before or here. */
  function resolve(type: unknown, namespace: string): unknown {
    if (Array.isArray(type)) return type.map((branch) => resolve(branch, namespace))
    if (typeof type === 'string') return referTo(type, namespace)
    const raw = type as Raw
    if (kindsWithNames.has(raw.type)) return define(raw, fullName(raw, namespace))
    const inner = ['items', 'values', 'type'].filter(
      (key) => raw[key] !== undefined && !(key === 'type' && (raw.type === 'array' || raw.type === 'map')),
    )
    return { ...raw, ...Object.fromEntries(inner.map((key) => [key, resolve(raw[key], namespace)])) }
  }

  function referTo(name: string, namespace: string): unknown {
    const full = [qualified(name, namespace), name].find((one) => definitions.has(one))
    if (full === undefined) return name
    if (full === rootName)
      throw new PortcullisError('request.invalid', {
        message: 'columns: cannot be chosen where records hold records of their own type: accept application/x-ndjson',
      })
    return defined.has(full) ? full : define(definitions.get(full)!, full)
  }

  function define(raw: Raw, full: string): Raw {
    defined.add(full)
    const namespace = namespaceOf(full)
    const absolute = { ...raw, name: full.slice(full.lastIndexOf('.') + 1), namespace }
    if (!Array.isArray(raw.fields)) return absolute
    const members = raw.fields as readonly Raw[]
    return { ...absolute, fields: members.map((field) => ({ ...field, type: resolve(field.type, namespace) })) }
  }
}

function unwrap(schema: Raw): Raw {
  return typeof schema.type === 'object' && schema.type !== null ? unwrap(schema.type as Raw) : schema
}

function fullName(type: Raw, namespace: string): string {
  return qualified(type.name as string, typeof type.namespace === 'string' ? type.namespace : namespace)
}

function qualified(name: string, namespace: string): string {
  return namespace === '' || name.includes('.') ? name : `${namespace}.${name}`
}

function namespaceOf(full: string): string {
  return full.slice(0, Math.max(full.lastIndexOf('.'), 0))
}

function collect(type: unknown, namespace: string, definitions: Definitions): void {
  if (Array.isArray(type)) for (const branch of type) collect(branch, namespace, definitions)
  if (typeof type !== 'object' || type === null || Array.isArray(type)) return
  const raw = type as Raw
  let inside = namespace
  if (kindsWithNames.has(raw.type)) {
    const full = fullName(raw, namespace)
    inside = namespaceOf(full)
    definitions.set(full, raw)
    for (const field of (raw.fields as readonly Raw[] | undefined) ?? []) collect(field.type, inside, definitions)
  }
  for (const inner of [raw.items, raw.values, raw.type]) collect(inner, inside, definitions)
}
