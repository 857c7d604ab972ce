/** Masks of one decision, compiled for the columns that they touch. */
import type { Mask } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { parsePointer } from '../../domain/json-pointer.ts'
import type { MaskVerdict } from '../../domain/record-policy.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { leafJsonOf } from './leaf-json.ts'
import { compileRewrite, type Rewrite } from './leaf-masks.ts'
import type { Node, Schema } from './schema.ts'

/** What happens to the entries of one column. */
export type LeafMask =
  /** Nothing is deeper than `definition` any more, and what repeats deeper than `repetition` is gone. */
  | { readonly kind: 'cut'; readonly definition: number; readonly repetition: number }
  /** Where everything around it is there, at `definition`, this takes the value's place, null or not. */
  | { readonly kind: 'constant'; readonly definition: number; readonly bytes: Buffer }
  | { readonly kind: 'value'; readonly rewrite: Rewrite }

/** By the index of the column. */
export type LeafMasks = ReadonlyMap<number, LeafMask>

export function verdictOf(schema: Schema, mask: Mask, maskValue: MaskValue): MaskVerdict {
  try {
    compileMasks(schema, [mask], maskValue)
    return 'ok'
  } catch (thrown) {
    if (!(thrown instanceof PortcullisError)) throw thrown
    return thrown.code === 'mask.path_unknown' ? 'path_unknown' : 'not_expressible'
  }
}

/** @throws mask.path_unknown, mask.not_expressible */
export function compileMasks(schema: Schema, masks: readonly Mask[], maskValue: MaskValue): LeafMasks {
  const compiled = new Map<number, LeafMask>()
  for (const mask of masks)
    for (const [index, leafMask] of compileMask(schema, mask, maskValue)) {
      if (compiled.has(index)) throw notExpressible()
      compiled.set(index, leafMask)
    }
  return compiled
}

/** Where a path leads: a field, an item of what repeats, or the whole of what repeats without a group around it. */
type Target =
  | { readonly kind: 'field'; readonly node: Node }
  | { readonly kind: 'item'; readonly node: Node; readonly repeated: Node }
  | { readonly kind: 'repeated'; readonly node: Node }

function compileMask(schema: Schema, mask: Mask, maskValue: MaskValue): readonly (readonly [number, LeafMask])[] {
  const target = targetOf(schema, mask.path)
  const blanks =
    mask.action === 'null' || mask.action === 'remove' || (mask.action === 'constant' && mask.value === null)
  // single items cannot be taken out of a list, but all of them can
  if (target.kind === 'item' && mask.action === 'remove') return emptied(target.repeated)
  if (target.kind === 'repeated') throw notExpressible()
  const isRepeatedItem = target.kind === 'item' && target.node === target.repeated
  if (blanks) return isRepeatedItem ? blankedContent(target.node) : blanked(target.node)
  const { shape } = target.node
  if (shape.kind !== 'leaf') throw notExpressible()
  const { leaf } = shape
  const nullable = leaf.optional && !isRepeatedItem
  if (mask.action !== 'constant')
    return [[leaf.index, { kind: 'value', rewrite: compileRewrite(leaf, nullable, mask, maskValue) }]]
  const bytes = leafJsonOf(leaf).bytes(mask.value)
  if (bytes === undefined) throw notExpressible()
  return [[leaf.index, { kind: 'constant', definition: leaf.definitionMax - (nullable ? 1 : 0), bytes }]]
}

function targetOf(schema: Schema, path: string): Target {
  if (!path.startsWith('/')) throw new PortcullisError('mask.path_unknown')
  const [first, ...rest] = parsePointer(path)
  let target = fieldOf(schema.fields, first!)
  for (const segment of rest) target = step(target, segment)
  return target
}

function fieldOf(fields: readonly Node[], name: string): Target {
  const node = fields.find((one) => one.name === name)
  if (node === undefined) throw new PortcullisError('mask.path_unknown')
  return node.repetition === 'repeated' ? { kind: 'repeated', node } : { kind: 'field', node }
}

function step(target: Target, segment: string): Target {
  const { node } = target
  if (target.kind === 'repeated') return itemOf(node, node, segment)
  switch (node.shape.kind) {
    case 'leaf':
      throw new PortcullisError('mask.path_unknown')
    case 'struct':
      return fieldOf(node.children, segment)
    case 'list':
      return itemOf(node.shape.element, node.shape.repeated, segment)
    case 'map':
      return itemOf(node.shape.value, node.shape.repeated, segment)
  }
}

/** Columns do not tell one item from the others. */
function itemOf(node: Node, repeated: Node, segment: string): Target {
  if (segment !== '*') throw notExpressible()
  return { kind: 'item', node, repeated }
}

function emptied(repeated: Node): readonly (readonly [number, LeafMask])[] {
  const cut = { kind: 'cut', definition: repeated.definition - 1, repetition: repeated.repetitionLevel - 1 } as const
  return repeated.leaves.map(({ index }) => [index, cut])
}

/** Null where it can be, else everything in it. */
function blanked(node: Node): readonly (readonly [number, LeafMask])[] {
  if (node.repetition === 'required') return blankedContent(node)
  if (node.repetition === 'repeated') throw notExpressible()
  const cut = { kind: 'cut', definition: node.definition - 1, repetition: node.repetitionLevel } as const
  return node.leaves.map(({ index }) => [index, cut])
}

function blankedContent(node: Node): readonly (readonly [number, LeafMask])[] {
  if (node.shape.kind !== 'struct') throw notExpressible()
  return node.children.flatMap(blanked)
}

function notExpressible(): PortcullisError {
  return new PortcullisError('mask.not_expressible')
}
