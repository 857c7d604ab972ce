/** An Avro schema, parsed strictly from its JSON text: names resolved, recursion as references, logical types where they are valid. */
import { corrupt, schemaDepthMax } from './limits.ts'

export type Decimal = { readonly precision: number; readonly scale: number }

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const

export type PrimitiveType = {
  readonly kind: (typeof primitives)[number]
  readonly logical?: string
  readonly decimal?: Decimal
}
export type FixedType = {
  readonly kind: 'fixed'
  readonly name: string
  readonly size: number
  readonly logical?: string
  readonly decimal?: Decimal
}
export type EnumType = { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
export type ArrayType = { readonly kind: 'array'; readonly items: AvroType }
export type MapType = { readonly kind: 'map'; readonly values: AvroType }
export type UnionType = { readonly kind: 'union'; readonly branches: readonly AvroType[] }
export type Field = { readonly name: string; readonly type: AvroType }
export type RecordType = { readonly kind: 'record'; readonly name: string; readonly fields: readonly Field[] }
export type AvroType = PrimitiveType | FixedType | EnumType | ArrayType | MapType | UnionType | RecordType

type Names = Map<string, AvroType>
type Raw = Readonly<Record<string, unknown>>

/** @throws AvroFault at position 0: an offset inside the schema would say nothing about the file */
export function parseSchema(text: string): AvroType {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw corrupt(0)
  }
  return parseType(json, '', new Map(), 0)
}

function parseType(json: unknown, namespace: string, names: Names, depth: number): AvroType {
  if (depth > schemaDepthMax) throw corrupt(0)
  if (typeof json === 'string') return referTo(json, namespace, names)
  if (Array.isArray(json)) return parseUnion(json, namespace, names, depth)
  if (typeof json !== 'object' || json === null) throw corrupt(0)
  const raw = json as Raw
  switch (raw.type) {
    case 'record':
    case 'error':
      return parseRecord(raw, namespace, names, depth)
    case 'enum':
      return parseEnum(raw, namespace, names)
    case 'fixed':
      return parseFixed(raw, namespace, names)
    case 'array':
      return { kind: 'array', items: parseType(raw.items, namespace, names, depth + 1) }
    case 'map':
      return { kind: 'map', values: parseType(raw.values, namespace, names, depth + 1) }
    default: {
      const inner = parseType(raw.type, namespace, names, depth + 1)
      return isPrimitive(inner) && typeof raw.logicalType === 'string' ? withLogical(inner, raw) : inner
    }
  }
}

function isPrimitive(type: AvroType): type is PrimitiveType {
  return (primitives as readonly string[]).includes(type.kind)
}

function referTo(name: string, namespace: string, names: Names): AvroType {
  const primitive = primitives.find((kind) => kind === name)
  if (primitive !== undefined) return { kind: primitive }
  const type = names.get(name.includes('.') ? name : qualified(name, namespace)) ?? names.get(name)
  if (type === undefined) throw corrupt(0)
  return type
}

function parseUnion(json: readonly unknown[], namespace: string, names: Names, depth: number): UnionType {
  const branches = json.map((branch) => parseType(branch, namespace, names, depth + 1))
  const labels = branches.map((branch) => ('name' in branch ? branch.name : branch.kind))
  if (branches.length === 0 || labels.includes('union') || new Set(labels).size !== labels.length) throw corrupt(0)
  return { kind: 'union', branches }
}

function parseRecord(raw: Raw, namespace: string, names: Names, depth: number): RecordType {
  const fields: Field[] = []
  const record: RecordType = { kind: 'record', name: nameOf(raw, namespace), fields }
  define(record, raw, names)
  if (!Array.isArray(raw.fields)) throw corrupt(0)
  const inside = record.name.includes('.') ? record.name.slice(0, record.name.lastIndexOf('.')) : ''
  for (const field of raw.fields as readonly unknown[]) {
    if (typeof field !== 'object' || field === null) throw corrupt(0)
    const { name, type } = field as Raw
    if (!isName(name) || fields.some((other) => other.name === name)) throw corrupt(0)
    fields.push({ name, type: parseType(type, inside, names, depth + 1) })
  }
  return record
}

function parseEnum(raw: Raw, namespace: string, names: Names): EnumType {
  const symbols: unknown = raw.symbols
  if (!Array.isArray(symbols) || symbols.length === 0 || new Set(symbols).size !== symbols.length) throw corrupt(0)
  if (!symbols.every(isName)) throw corrupt(0)
  return define({ kind: 'enum', name: nameOf(raw, namespace), symbols }, raw, names)
}

function parseFixed(raw: Raw, namespace: string, names: Names): FixedType {
  const { size } = raw
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > 2 ** 30) throw corrupt(0)
  const fixed: FixedType = { kind: 'fixed', name: nameOf(raw, namespace), size }
  return define(withLogical(fixed, raw), raw, names)
}

function nameOf(raw: Raw, namespace: string): string {
  const { name, namespace: own = namespace } = raw
  if (typeof name !== 'string' || typeof own !== 'string') throw corrupt(0)
  const full = name.includes('.') ? name : qualified(name, own)
  if (!full.split('.').every(isName)) throw corrupt(0)
  return full
}

/** Other readers refuse what is not a name by the specification. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

function qualified(name: string, namespace: string): string {
  return namespace === '' ? name : `${namespace}.${name}`
}

function define<T extends RecordType | EnumType | FixedType>(type: T, raw: Raw, names: Names): T {
  if (names.has(type.name) || primitives.some((kind) => kind === raw.name)) throw corrupt(0)
  names.set(type.name, type)
  return type
}

const logicalTypes: Readonly<Record<string, readonly AvroType['kind'][]>> = {
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
  uuid: ['string', 'fixed'],
  decimal: ['bytes', 'fixed'],
  'big-decimal': ['bytes'],
  duration: ['fixed'],
}

/** A logical type that is unknown or does not fit is ignored, as the specification demands. */
function withLogical<T extends PrimitiveType | FixedType>(type: T, raw: Raw): T {
  const logical = raw.logicalType
  if (typeof logical !== 'string' || !logicalTypes[logical]?.includes(type.kind)) return type
  if (logical !== 'decimal') return { ...type, logical }
  const { precision, scale = 0 } = raw
  if (typeof precision !== 'number' || !Number.isInteger(precision) || precision < 1) return type
  if (typeof scale !== 'number' || !Number.isInteger(scale) || scale < 0 || scale > precision) return type
  return { ...type, logical, decimal: { precision, scale } }
}
