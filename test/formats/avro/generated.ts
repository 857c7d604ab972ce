/** Generated schemas with records: the bytes by an encoder of the test's own, which also writes lists in several blocks, with and without sizes. */
import fc from 'fast-check'
import type { Json } from '../../../src/domain/json.ts'

/** A schema in a form that is easy to walk over; `Raw` is how Avro writes it. */
export type Shape =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' }
  | { readonly kind: 'date' | 'moment' | 'decimal' }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number }
  | { readonly kind: 'enum'; readonly name: string }
  | { readonly kind: 'array' | 'map'; readonly inner: Shape }
  | { readonly kind: 'union'; readonly branches: readonly Shape[] }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly Named[] }
  /** The record that this lies in. */
  | { readonly kind: 'self' }
export type Named = { readonly name: string; readonly shape: Shape }
export type RecordShape = Extract<Shape, { kind: 'record' }>

/** A value as the shape says it: `at` is the branch of a union. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | { readonly at: number; readonly value: Value }
  | { readonly items: readonly Value[] }
  | { readonly entries: readonly (readonly [string, Value])[] }
  | { readonly fields: readonly Value[] }

export const symbols = ['RED', 'GREEN', 'BLUE']
export const decimalScale = 2

const fieldNames = ['a', 'b', 'c', 'd']
const depthMax = 3

/** Names of Avro types are unique, so they are counted out while a schema is generated. */
function shapes(depth: number): fc.Arbitrary<Shape> {
  const leaves: fc.Arbitrary<Shape>[] = [
    fc.constantFrom<Shape>(
      { kind: 'boolean' },
      { kind: 'int' },
      { kind: 'long' },
      { kind: 'float' },
      { kind: 'double' },
      { kind: 'bytes' },
      { kind: 'string' },
      { kind: 'string' },
      { kind: 'null' },
      { kind: 'date' },
      { kind: 'moment' },
      { kind: 'decimal' },
      { kind: 'enum', name: '' },
    ),
    fc.integer({ min: 0, max: 5 }).map((size): Shape => ({ kind: 'fixed', name: '', size })),
  ]
  if (depth === 0) return fc.oneof(...leaves)
  const inner = shapes(depth - 1)
  return fc.oneof(
    { weight: 3, arbitrary: fc.oneof(...leaves) },
    { weight: 2, arbitrary: inner.map((shape): Shape => ({ kind: 'array', inner: shape })) },
    { weight: 1, arbitrary: inner.map((shape): Shape => ({ kind: 'map', inner: shape })) },
    { weight: 3, arbitrary: unions(inner) },
    { weight: 2, arbitrary: records(depth - 1) },
  )
}

function unions(inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> {
  const stored = ({ kind }: Shape) =>
    ({ date: 'int', moment: 'long', decimal: 'bytes', enum: 'enum', record: 'record', fixed: 'fixed' })[
      kind as string
    ] ?? kind
  return fc
    .tuple(
      fc.uniqueArray(
        inner.filter(({ kind }) => kind !== 'union' && kind !== 'null'),
        { minLength: 1, maxLength: 3, selector: stored },
      ),
      fc.constantFrom('first', 'last', 'none'),
    )
    .map(([branches, nullAt]): Shape => {
      const none: Shape = { kind: 'null' }
      if (nullAt === 'none') return { kind: 'union', branches }
      return { kind: 'union', branches: nullAt === 'first' ? [none, ...branches] : [...branches, none] }
    })
}

function records(depth: number): fc.Arbitrary<RecordShape> {
  const selfInside: Shape = { kind: 'union', branches: [{ kind: 'null' }, { kind: 'self' }] }
  const selfInList: Shape = { kind: 'array', inner: { kind: 'self' } }
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...fieldNames), { minLength: 1, maxLength: 4 }),
      fc.array(
        fc.oneof(
          { weight: 5, arbitrary: shapes(depth) },
          { weight: 1, arbitrary: fc.constantFrom(selfInside, selfInList) },
        ),
        {
          minLength: 4,
          maxLength: 4,
        },
      ),
    )
    .map(([names, inner]) => ({
      kind: 'record',
      name: '',
      fields: names.map((name, index) => ({ name, shape: inner[index]! })),
    }))
}

function numbered(shape: RecordShape): RecordShape {
  let count = 0
  const visit = (each: Shape): Shape => {
    switch (each.kind) {
      case 'record':
        return {
          ...each,
          name: `T${count++}`,
          fields: each.fields.map(({ name, shape: inner }) => ({ name, shape: visit(inner) })),
        }
      case 'enum':
      case 'fixed':
        return { ...each, name: `T${count++}` }
      case 'array':
      case 'map':
        return { ...each, inner: visit(each.inner) }
      case 'union':
        return { ...each, branches: each.branches.map(visit) }
      default:
        return each
    }
  }
  return visit(shape) as RecordShape
}

export function schemaOf(shape: Shape, record?: RecordShape): unknown {
  switch (shape.kind) {
    case 'record':
      return {
        type: 'record',
        name: shape.name,
        fields: shape.fields.map(({ name, shape: inner }) => ({ name, type: schemaOf(inner, shape) })),
      }
    case 'self':
      return record!.name
    case 'enum':
      return { type: 'enum', name: shape.name, symbols }
    case 'fixed':
      return { type: 'fixed', name: shape.name, size: shape.size }
    case 'array':
      return { type: 'array', items: schemaOf(shape.inner, record) }
    case 'map':
      return { type: 'map', values: schemaOf(shape.inner, record) }
    case 'union':
      return shape.branches.map((branch) => schemaOf(branch, record))
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'moment':
      return { type: 'long', logicalType: 'timestamp-millis' }
    case 'decimal':
      return { type: 'bytes', logicalType: 'decimal', precision: 30, scale: decimalScale }
    default:
      return shape.kind
  }
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('Bob', '', '2024-05-17', '2024-05-17T10:11:12Z', 'quote " back \\ line \n', 'ä'.repeat(70)),
)
const int = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -100, max: 100 }))
const finite = { noNaN: true, noDefaultInfinity: true }

function values(shape: Shape, record: RecordShape | undefined, depth: number): fc.Arbitrary<Value> {
  switch (shape.kind) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return int
    case 'date':
      return fc.integer({ min: -50_000, max: 50_000 })
    case 'long':
      return fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), int.map(BigInt))
    case 'moment':
      return fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n })
    case 'float':
      return fc.float(finite)
    case 'double':
      return fc.double(finite)
    case 'string':
      return texts
    case 'bytes':
      return fc.uint8Array({ maxLength: 6 }).map(Buffer.from)
    case 'decimal':
      return fc.uint8Array({ minLength: 1, maxLength: 10 }).map(Buffer.from)
    case 'fixed':
      return fc.uint8Array({ minLength: shape.size, maxLength: shape.size }).map(Buffer.from)
    case 'enum':
      return fc.integer({ min: 0, max: symbols.length - 1 })
    case 'self':
      return values(record!, record, depth - 1)
    case 'union': {
      // recursion ends where no more depth is left
      const open = shape.branches
        .map((branch, at) => ({ branch, at }))
        .filter(({ branch }) => depth > 0 || branch.kind !== 'self')
      return fc.oneof(
        ...open.map(({ branch, at }) => values(branch, record, depth).map((value): Value => ({ at, value }))),
      )
    }
    case 'array': {
      const maxLength = depth <= 0 && shape.inner.kind === 'self' ? 0 : 3
      if (maxLength === 0) return fc.constant({ items: [] })
      return fc.array(values(shape.inner, record, depth), { maxLength }).map((items): Value => ({ items }))
    }
    case 'map':
      return fc
        .uniqueArray(fc.tuple(fc.oneof(fc.constantFrom('a', 'b'), texts), values(shape.inner, record, depth)), {
          maxLength: 3,
          selector: ([key]) => key,
        })
        .map((entries): Value => ({ entries }))
    case 'record':
      return fc
        .tuple(...shape.fields.map(({ shape: inner }) => values(inner, shape, depth)))
        .map((fields): Value => ({ fields }))
  }
}

export type Generated = {
  readonly shape: RecordShape
  readonly schema: unknown
  readonly records: readonly Value[]
  readonly seed: number
}

export const generated: fc.Arbitrary<Generated> = records(depthMax)
  .map(numbered)
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      schema: fc.constant(schemaOf(shape)),
      records: fc.array(values(shape, undefined, 2), { maxLength: 6 }),
      seed: fc.nat(),
    }),
  )

function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  const long = BigInt(value)
  let rest = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

/** `choose` gives numbers below its argument: how lists are cut into blocks. */
export function encode(shape: Shape, value: Value, choose: (below: number) => number, record?: RecordShape): Buffer {
  switch (shape.kind) {
    case 'null':
      return Buffer.alloc(0)
    case 'boolean':
      return Buffer.from([value === true ? 1 : 0])
    case 'int':
    case 'date':
    case 'long':
    case 'moment':
    case 'enum':
      return varint(value as number | bigint)
    case 'float': {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatLE(value as number)
      return bytes
    }
    case 'double': {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(value as number)
      return bytes
    }
    case 'string': {
      const bytes = Buffer.from(value as string)
      return Buffer.concat([varint(bytes.length), bytes])
    }
    case 'bytes':
    case 'decimal':
      return Buffer.concat([varint((value as Buffer).length), value as Buffer])
    case 'fixed':
      return value as Buffer
    case 'self':
      return encode(record!, value, choose, record)
    case 'union': {
      const { at, value: inner } = value as { at: number; value: Value }
      return Buffer.concat([varint(at), encode(shape.branches[at]!, inner, choose, record)])
    }
    case 'array':
      return blocks(
        (value as { items: readonly Value[] }).items.map((item) => encode(shape.inner, item, choose, record)),
        choose,
      )
    case 'map':
      return blocks(
        (value as { entries: readonly (readonly [string, Value])[] }).entries.map(([key, inner]) =>
          Buffer.concat([encode({ kind: 'string' }, key, choose), encode(shape.inner, inner, choose, record)]),
        ),
        choose,
      )
    case 'record':
      return Buffer.concat(
        (value as { fields: readonly Value[] }).fields.map((inner, index) =>
          encode(shape.fields[index]!.shape, inner, choose, shape),
        ),
      )
  }
}

function blocks(items: readonly Buffer[], choose: (below: number) => number): Buffer {
  const parts: Buffer[] = []
  for (let start = 0; start < items.length; ) {
    const count = 1 + choose(items.length - start)
    const content = Buffer.concat(items.slice(start, start + count))
    parts.push(...(choose(2) === 0 ? [varint(count)] : [varint(-count), varint(content.length)]), content)
    start += count
  }
  return Buffer.concat([...parts, varint(0)])
}

/** Repeatable choices. */
export function chooser(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** What rules and masks see of a value. */
export function jsonOf(shape: Shape, value: Value, record?: RecordShape): Json {
  switch (shape.kind) {
    case 'null':
    case 'boolean':
    case 'int':
    case 'date':
    case 'float':
    case 'double':
    case 'string':
      return value as Json
    case 'long':
    case 'moment':
      return whole(value as bigint)
    case 'bytes':
    case 'fixed':
      return (value as Buffer).toString('latin1')
    case 'decimal': {
      const text = decimalText(value as Buffer)
      return Number(text)
    }
    case 'enum':
      return symbols[value as number]!
    case 'self':
      return jsonOf(record!, value, record)
    case 'union': {
      const { at, value: inner } = value as { at: number; value: Value }
      return jsonOf(shape.branches[at]!, inner, record)
    }
    case 'array':
      return (value as { items: readonly Value[] }).items.map((item) => jsonOf(shape.inner, item, record))
    case 'map':
      return Object.fromEntries(
        (value as { entries: readonly (readonly [string, Value])[] }).entries.map(([key, inner]) => [
          key,
          jsonOf(shape.inner, inner, record),
        ]),
      )
    case 'record':
      return Object.fromEntries(
        (value as { fields: readonly Value[] }).fields.map((inner, index) => [
          shape.fields[index]!.name,
          jsonOf(shape.fields[index]!.shape, inner, shape),
        ]),
      )
  }
}

export function whole(value: bigint): number | bigint {
  return BigInt.asIntN(54, value) === value && value !== -(2n ** 53n) ? Number(value) : value
}

export function unscaledOf(bytes: Buffer): bigint {
  let value = BigInt(bytes.readInt8(0))
  for (const byte of bytes.subarray(1)) value = value * 256n + BigInt(byte)
  return value
}

export function decimalText(bytes: Buffer): string {
  const unscaled = unscaledOf(bytes)
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(decimalScale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -decimalScale)}.${digits.slice(-decimalScale)}`
}
