/** Thrift's compact protocol, in which Parquet's metadata is written: any structure as a tree, and back. */
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { metadataDepthMax, metadataValuesMax } from './limits.ts'

export const thriftTypes = {
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
} as const

export type ThriftStruct = ReadonlyMap<number, ThriftField>
export type ThriftList = { readonly itemType: number; readonly items: readonly ThriftValue[] }
/** Whole numbers are bigint beyond 2^53. */
export type ThriftValue = boolean | number | bigint | Buffer | ThriftList | ThriftStruct
export type ThriftField = { readonly type: number; readonly value: ThriftValue }

export type ReadStruct = { readonly struct: ThriftStruct; readonly end: number }

/** `offset`: of the bytes' first in the file. @throws format.corrupt, format.limit */
export function readStruct(bytes: Buffer, start: number, offset: number): ReadStruct {
  let position = start
  let values = 0

  function wrong(): never {
    throw corrupt(offset + position, 'metadata that is not well formed')
  }

  function byte(): number {
    return position < bytes.length ? bytes[position++]! : wrong()
  }

  function varint(): number | bigint {
    let value = 0
    for (let index = 0; index < 7; index++) {
      const next = byte()
      value += (next & 0x7f) * 2 ** (7 * index)
      if (next < 0x80) return value
    }
    let large = BigInt(value)
    for (let index = 7; index < 10; index++) {
      const next = byte()
      large |= BigInt(next & 0x7f) << BigInt(7 * index)
      if (next < 0x80) return large < 2n ** 64n ? large : wrong()
    }
    return wrong()
  }

  function whole(): number | bigint {
    const value = varint()
    if (typeof value === 'number') return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    const signed = (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n)
    const number = Number(signed)
    return Number.isSafeInteger(number) ? number : signed
  }

  function size(): number {
    const value = varint()
    return typeof value === 'number' && value <= bytes.length - position ? value : wrong()
  }

  function readValue(type: number, depth: number): ThriftValue {
    if (++values > metadataValuesMax || depth > metadataDepthMax)
      throw beyondLimit(offset + position, 'metadata that is too large')
    switch (type) {
      case thriftTypes.true:
        return true
      case thriftTypes.false:
        return false
      case thriftTypes.i8:
        return (byte() << 24) >> 24
      case thriftTypes.i16:
      case thriftTypes.i32:
      case thriftTypes.i64:
        return whole()
      case thriftTypes.double:
        position += 8
        return position <= bytes.length ? bytes.readDoubleLE(position - 8) : wrong()
      case thriftTypes.binary: {
        const length = size()
        position += length
        return bytes.subarray(position - length, position)
      }
      case thriftTypes.list:
      case thriftTypes.set:
        return listOf(depth)
      case thriftTypes.struct:
        return structOf(depth)
      default:
        // maps do not occur in Parquet's metadata
        return wrong()
    }
  }

  function listOf(depth: number): ThriftList {
    const head = byte()
    const itemType = head & 0x0f
    const count = head >>> 4 === 15 ? size() : head >>> 4
    const items: ThriftValue[] = []
    for (let index = 0; index < count; index++) {
      const isFlag = itemType === thriftTypes.true || itemType === thriftTypes.false
      items.push(readValue(isFlag ? byte() : itemType, depth + 1))
    }
    return { itemType, items }
  }

  function structOf(depth: number): ThriftStruct {
    const fields = new Map<number, ThriftField>()
    let id = 0
    for (;;) {
      const head = byte()
      if (head === 0) return fields
      const type = head & 0x0f
      const next = head >>> 4 === 0 ? whole() : id + (head >>> 4)
      if (typeof next !== 'number' || fields.has(next)) wrong()
      id = next
      fields.set(id, { type, value: readValue(type, depth + 1) })
    }
  }

  const struct = structOf(0)
  return { struct, end: position }
}

export function numberAt(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id)?.value
  return typeof value === 'number' ? value : undefined
}

export function flagAt(struct: ThriftStruct, id: number): boolean | undefined {
  const value = struct.get(id)?.value
  return typeof value === 'boolean' ? value : undefined
}

export function bytesAt(struct: ThriftStruct, id: number): Buffer | undefined {
  const value = struct.get(id)?.value
  return Buffer.isBuffer(value) ? value : undefined
}

export function structAt(struct: ThriftStruct, id: number): ThriftStruct | undefined {
  const value = struct.get(id)?.value
  return isStruct(value) ? value : undefined
}

export function listAt(struct: ThriftStruct, id: number): readonly ThriftValue[] | undefined {
  const value = struct.get(id)?.value
  return typeof value === 'object' && 'items' in value ? value.items : undefined
}

export function isStruct(value: ThriftValue | undefined): value is ThriftStruct {
  return value instanceof Map
}

/** A structure from the fields that are there. */
export function structOfFields(fields: Readonly<Record<number, ThriftField | undefined>>): ThriftStruct {
  return new Map(
    Object.entries(fields).flatMap(([id, field]) => (field === undefined ? [] : [[Number(id), field] as const])),
  )
}

export const field = {
  i16: (value: number): ThriftField => ({ type: thriftTypes.i16, value }),
  i32: (value: number): ThriftField => ({ type: thriftTypes.i32, value }),
  i64: (value: number): ThriftField => ({ type: thriftTypes.i64, value }),
  text: (value: string): ThriftField => ({ type: thriftTypes.binary, value: Buffer.from(value) }),
  struct: (value: ThriftStruct): ThriftField => ({ type: thriftTypes.struct, value }),
  list: (itemType: number, items: readonly ThriftValue[]): ThriftField => ({
    type: thriftTypes.list,
    value: { itemType, items },
  }),
} as const

export function writeStruct(struct: ThriftStruct): Buffer {
  const parts: Buffer[] = []
  let pending: number[] = []
  put(thriftTypes.struct, struct)
  flush()
  return Buffer.concat(parts)

  function flush(): void {
    if (pending.length > 0) parts.push(Buffer.from(pending))
    pending = []
  }

  function varint(value: number | bigint): void {
    let rest = BigInt(value)
    for (; rest > 0x7fn; rest >>= 7n) pending.push(Number(rest & 0x7fn) | 0x80)
    pending.push(Number(rest))
  }

  function whole(value: number | bigint): void {
    const large = BigInt(value)
    varint(large < 0n ? -large * 2n - 1n : large * 2n)
  }

  function put(type: number, value: ThriftValue): void {
    if (Buffer.isBuffer(value)) {
      varint(value.length)
      flush()
      parts.push(value)
    } else if (isStruct(value)) putStruct(value)
    else if (typeof value === 'object') {
      const { itemType, items } = value as ThriftList
      if (items.length < 15) pending.push((items.length << 4) | itemType)
      else {
        pending.push(0xf0 | itemType)
        varint(items.length)
      }
      for (const item of items)
        if (typeof item === 'boolean') pending.push(item ? thriftTypes.true : thriftTypes.false)
        else put(itemType, item)
    } else if (type === thriftTypes.double) {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(Number(value))
      pending.push(...bytes)
    } else if (type === thriftTypes.i8) pending.push(Number(value) & 0xff)
    else if (typeof value !== 'boolean') whole(value)
  }

  function putStruct(value: ThriftStruct): void {
    let last = 0
    for (const [id, { type, value: inner }] of [...value].sort(([a], [b]) => a - b)) {
      const step = id - last
      if (step > 0 && step < 16) pending.push((step << 4) | type)
      else {
        pending.push(type)
        whole(id)
      }
      last = id
      put(type, inner)
    }
    pending.push(0)
  }
}
