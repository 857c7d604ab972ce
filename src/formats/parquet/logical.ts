/** What the bytes of a column mean, by its logical type or the older converted type. */
import { flagAt, isStruct, numberAt, structAt, type ThriftStruct } from './thrift.ts'

export type TimeUnit = 'millis' | 'micros' | 'nanos'

export type Logical =
  | { readonly kind: 'string' | 'enum' | 'json' | 'date' | 'uuid' | 'float16' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'time' | 'timestamp'; readonly unit: TimeUnit; readonly utc: boolean }
  | { readonly kind: 'integer'; readonly bits: number; readonly signed: boolean }
  /** Known to be something that is only handed on: BSON, an interval, a geometry. */
  | { readonly kind: 'opaque' }

type Physical = 'boolean' | 'int32' | 'int64' | 'int96' | 'float' | 'double' | 'bytes' | 'fixed'

const units: readonly (readonly [number, TimeUnit])[] = [
  [1, 'millis'],
  [2, 'micros'],
  [3, 'nanos'],
]
const integerBits = [8, 16, 32, 64] as const
/** Digits that a decimal of a certain size can have at most. */
const precisionMax = 1_000

/** `wrong` where the type does not go with the bytes it is stored in. */
export function logicalOf(
  element: ThriftStruct,
  type: Physical,
  width: number | undefined,
): Logical | undefined | 'wrong' {
  const logical = structAt(element, 10)
  const meant = logical === undefined ? convertedOf(element) : (byLogicalType(logical) ?? convertedOf(element))
  return meant === undefined || fits(meant, type, width) ? meant : 'wrong'
}

function byLogicalType(logical: ThriftStruct): Logical | undefined {
  const [id, inner] = [...logical][0] ?? []
  const parameters = isStruct(inner?.value) ? inner.value : new Map<number, never>()
  switch (id) {
    case 1:
      return { kind: 'string' }
    case 4:
      return { kind: 'enum' }
    case 5:
      return { kind: 'decimal', scale: numberAt(parameters, 1) ?? 0, precision: numberAt(parameters, 2) ?? 0 }
    case 6:
      return { kind: 'date' }
    case 7:
    case 8: {
      const unit = units.find(([unitId]) => structAt(parameters, 2)?.has(unitId))?.[1]
      if (unit === undefined) return { kind: 'opaque' }
      return { kind: id === 7 ? 'time' : 'timestamp', unit, utc: flagAt(parameters, 1) ?? true }
    }
    case 10:
      return { kind: 'integer', bits: numberAt(parameters, 1) ?? 0, signed: flagAt(parameters, 2) ?? true }
    case 12:
      return { kind: 'json' }
    case 14:
      return { kind: 'uuid' }
    case 15:
      return { kind: 'float16' }
    case undefined:
    case 11:
      return undefined
    default:
      return { kind: 'opaque' }
  }
}

function convertedOf(element: ThriftStruct): Logical | undefined {
  const converted = numberAt(element, 6)
  if (converted === undefined) return undefined
  const simple: Readonly<Record<number, Logical>> = {
    0: { kind: 'string' },
    4: { kind: 'enum' },
    5: { kind: 'decimal', scale: numberAt(element, 7) ?? 0, precision: numberAt(element, 8) ?? 0 },
    6: { kind: 'date' },
    7: { kind: 'time', unit: 'millis', utc: true },
    8: { kind: 'time', unit: 'micros', utc: true },
    9: { kind: 'timestamp', unit: 'millis', utc: true },
    10: { kind: 'timestamp', unit: 'micros', utc: true },
    19: { kind: 'json' },
  }
  if (converted >= 11 && converted <= 18)
    return { kind: 'integer', bits: integerBits[(converted - 11) % 4]!, signed: converted >= 15 }
  return simple[converted] ?? { kind: 'opaque' }
}

function fits(logical: Logical, type: Physical, width: number | undefined): boolean {
  switch (logical.kind) {
    case 'string':
    case 'enum':
    case 'json':
      return type === 'bytes'
    case 'date':
      return type === 'int32'
    case 'uuid':
      return type === 'fixed' && width === 16
    case 'float16':
      return type === 'fixed' && width === 2
    case 'time':
    case 'timestamp':
      return logical.kind === 'time' && logical.unit === 'millis' ? type === 'int32' : type === 'int64'
    case 'integer':
      return (
        integerBits.some((bits) => bits === logical.bits) && (logical.bits === 64 ? type === 'int64' : type === 'int32')
      )
    case 'decimal':
      return (
        ['int32', 'int64', 'bytes', 'fixed'].includes(type) &&
        logical.precision > 0 &&
        logical.precision <= precisionMax &&
        logical.scale >= 0 &&
        logical.scale <= logical.precision
      )
    case 'opaque':
      return true
  }
}
