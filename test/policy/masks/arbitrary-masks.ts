/** Generated masks, few enough paths that they often meet. */
import fc from 'fast-check'
import type { Mask } from '../../../src/domain/decision.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'

const segment = fc.constantFrom('a', 'b', '*', '0', '1', 'x~1y')
export const maskPath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join('/')}`)

const treatment = fc.constantFrom(
  { action: 'null' },
  { action: 'remove' },
  { action: 'constant', value: null },
  { action: 'constant', value: { b: 1, a: [2] } },
  { action: 'constant', value: { a: [2], b: 1 } },
  { action: 'partial', keepLast: 4, fill: '*' },
  { action: 'partial', keepLast: 2, fill: '*' },
  { action: 'hash' },
  { action: 'hash', key: 'old' },
  { action: 'truncate', to: 2 },
  { action: 'date', to: 'year' },
  { action: 'date', to: 'month' },
  { action: 'round', to: 10 },
)

export const mask: fc.Arbitrary<Mask> = fc
  .tuple(maskPath, treatment)
  .map(([path, rest]) => parseMask({ path, ...rest }))
export const masks = fc.array(mask, { maxLength: 6 })
