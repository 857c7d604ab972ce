/** Schemas with rows and masks that go with them, made up by fast-check. */
import fc from 'fast-check'
import type { Mask } from '../../../src/domain/decision.ts'
import type { Fields, Leaf, Shape } from './shapes.ts'

const leafNames = ['text', 'int32', 'int64', 'double', 'boolean', 'binary', 'decimal', 'moment'] as const
const values: Readonly<Record<Leaf, fc.Arbitrary<unknown>>> = {
  text: fc.oneof(fc.constantFrom('', 'alpha', 'Zoë', '😀😀', 'secret'), fc.string({ unit: 'grapheme', maxLength: 12 })),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  binary: fc.uint8Array({ maxLength: 6 }),
  decimal: fc.integer(),
  moment: fc.integer({ min: -1e12, max: 4e12 }).map((time) => new Date(time)),
}

const leaf = fc.record({ leaf: fc.constantFrom(...leafNames), required: fc.boolean() })
const { shape } = fc.letrec<{ readonly shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    fc.record({ list: tie('shape'), required: fc.boolean() }),
    fc.record({ map: tie('shape'), required: fc.boolean() }),
    fc.record({
      struct: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('shape'), { minKeys: 1, maxKeys: 3 }),
      required: fc.boolean(),
    }),
  ),
}))

function rowValue(of: Shape): fc.Arbitrary<unknown> {
  const inner = contentOf(of)
  return of.required === true ? inner : fc.option(inner, { nil: null, freq: 4 })
}

function contentOf(of: Shape): fc.Arbitrary<unknown> {
  if ('leaf' in of) return values[of.leaf]
  if ('list' in of) return fc.array(rowValue(of.list), { maxLength: 4 })
  if ('map' in of) return fc.dictionary(fc.constantFrom('k', 'l', 'm'), rowValue(of.map), { maxKeys: 3 })
  return fc.record(Object.fromEntries(Object.entries(of.struct).map(([name, field]) => [name, rowValue(field)])))
}

/** All masks that the column can express, one or none of which is taken. */
export function masksOf(path: string, of: Shape, isItem: boolean): readonly Mask[] {
  const blanks: readonly Mask[] =
    of.required === true ? [] : [{ path, action: 'null' }, ...(isItem ? [] : [{ path, action: 'remove' } as const])]
  const removal: readonly Mask[] = isItem ? [{ path, action: 'remove' }] : []
  return [...blanks, ...removal, ...inside()]

  function inside(): readonly Mask[] {
    if ('list' in of) return masksOf(`${path}/*`, of.list, true)
    if ('map' in of) return masksOf(`${path}/*`, of.map, true)
    if ('struct' in of)
      return Object.entries(of.struct).flatMap(([name, field]) => masksOf(`${path}/${name}`, field, false))
    if (of.leaf === 'text')
      return [
        { path, action: 'constant', value: 'constant' },
        { path, action: 'partial', keepFirst: 1, fill: '*' },
        { path, action: 'truncate', to: 2 },
        { path, action: 'hash' },
      ]
    if (of.leaf === 'int32') return [{ path, action: 'constant', value: -7 }]
    return of.leaf === 'boolean' ? [{ path, action: 'constant', value: true }] : []
  }
}

export type Generated = {
  readonly fields: Fields
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly masks: readonly Mask[]
  /** Of the rows, counted from 0: dropped, kept as it is, or masked. */
  readonly fates: readonly ('drop' | 'keep' | 'mask')[]
  readonly rowGroupSize: number
  readonly pageSize: number
  readonly codec: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP'
}

export const generated: fc.Arbitrary<Generated> = fc
  .dictionary(fc.constantFrom('p', 'q', 'r', 's', 't'), shape, { minKeys: 1, maxKeys: 4 })
  .chain((fields) => {
    const row = fc.record(
      Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, rowValue(field)])),
    ) as fc.Arbitrary<Record<string, unknown>>
    const masks = fc
      .tuple(
        ...Object.entries(fields).map(([name, field]) => {
          const possible = masksOf(`/${name}`, field, false)
          return possible.length === 0 ? fc.constant(null) : fc.option(fc.constantFrom(...possible))
        }),
      )
      .map((chosen) => chosen.filter((mask) => mask !== null))
    return fc.record({
      fields: fc.constant(fields),
      rows: fc.array(row, { minLength: 1, maxLength: 40 }),
      masks,
      fates: fc.oneof(
        fc.constant(Array.from({ length: 40 }, () => 'mask' as const)),
        fc.array(fc.constantFrom('drop', 'keep', 'mask'), { minLength: 40, maxLength: 40 }),
      ),
      rowGroupSize: fc.integer({ min: 1, max: 40 }),
      pageSize: fc.constantFrom(1, 64, 1_048_576),
      codec: fc.constantFrom('UNCOMPRESSED', 'SNAPPY', 'GZIP'),
    })
  })
