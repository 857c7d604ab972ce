/** Compiles the masks of one decision against a schema: what is masked is rewritten in place, what is not is copied as it lies there. */
import type { Mask } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { isIndex, parsePointer } from '../../domain/json-pointer.ts'
import type { MaskVerdict } from '../../domain/record-policy.ts'
import { type Cursor, readCount, type Writer, writeByte, writeLong, writeSpan } from './bytes.ts'
import { compileProgram } from './program.ts'
import type { ArrayType, AvroType, MapType, RecordType, UnionType } from './schema.ts'
import { readItems, take } from './value.ts'
import { compileValueMask, type MaskValue, type Rewrite, type Skip } from './value-mask.ts'
import { walk } from './walk.ts'
import { createWalker, openWalker, type Walker } from './walker.ts'

/**
 * Rewrites the record that the walker has just walked over. Bytes before `from` have been written already; what it returns is where those begin
 * that stay as they are and have not been.
 */
export type Splice = (cursor: Cursor, walker: Walker, writer: Writer, from: number) => number

/** Masks by the segments of their paths. */
type Tree = { readonly masks: Mask[]; readonly children: Map<string, Tree> }

export function verdictOf(root: AvroType, mask: Mask, maskValue: MaskValue): MaskVerdict {
  try {
    compileMasks(root, [mask], maskValue)
    return 'ok'
  } catch (thrown) {
    if (!(thrown instanceof PortcullisError)) throw thrown
    return thrown.code === 'mask.path_unknown' ? 'path_unknown' : 'not_expressible'
  }
}

/** @throws mask.path_unknown, mask.not_expressible */
export function compileMasks(root: AvroType, masks: readonly Mask[], maskValue: MaskValue): Splice {
  const context: Context = { maskValue, skips: new Map() }
  const tree = treeOf(root, masks)
  if (root.kind !== 'record' || tree.masks.length > 0) {
    const rewrite = compile(root, tree, context)
    return (cursor, _, writer, from) => {
      const { end } = cursor
      writeSpan(writer, cursor.bytes, from, cursor.position)
      rewrite(cursor, writer)
      return end
    }
  }
  // where a top-level field ends has been noted on the way over the record
  const steps = fieldSteps(root, tree, context, (cursor) => {
    cursor.position = cursor.end
  })
  return (cursor, walker, writer, from) => {
    const { end } = cursor
    let copied = from
    for (let index = 0; index < steps.length; index++) {
      const { field, rewrite } = steps[index]!
      const start = walker.offsets[field]!
      const after = field + 1 < walker.offsets.length ? walker.offsets[field + 1]! : end
      writeSpan(writer, cursor.bytes, copied, start)
      cursor.position = start
      cursor.end = after
      rewrite(cursor, writer)
      copied = after
    }
    return copied
  }
}

type Context = { readonly maskValue: MaskValue; readonly skips: Map<AvroType, Skip> }

function treeOf(root: AvroType, masks: readonly Mask[]): Tree {
  const tree: Tree = { masks: [], children: new Map() }
  for (const mask of masks) {
    if (mask.path !== '' && !mask.path.startsWith('/')) throw new PortcullisError('mask.path_unknown')
    const segments = parsePointer(mask.path)
    if (!knows(root, segments, 0)) throw new PortcullisError('mask.path_unknown')
    let node = tree
    for (const segment of segments) {
      const child = node.children.get(segment) ?? { masks: [], children: new Map<string, Tree>() }
      node.children.set(segment, child)
      node = child
    }
    node.masks.push(mask)
  }
  return tree
}

function knows(type: AvroType, segments: readonly string[], at: number): boolean {
  const segment = segments[at]
  if (segment === undefined) return true
  switch (type.kind) {
    case 'union':
      return type.branches.some((branch) => knows(branch, segments, at))
    case 'record': {
      const field = type.fields.find(({ name }) => name === segment)
      return field !== undefined && knows(field.type, segments, at + 1)
    }
    case 'array':
      return (segment === '*' || isIndex(segment)) && knows(type.items, segments, at + 1)
    case 'map':
      return knows(type.values, segments, at + 1)
    default:
      return false
  }
}

/** What lies here is rewritten: by the masks that end here, else by those that go on below. */
function compile(type: AvroType, tree: Tree, context: Context, skip: Skip = skipOf(type, context)): Rewrite {
  if (tree.masks.length > 0) return compileValueMask(type, tree.masks, context.maskValue, skip)
  switch (type.kind) {
    case 'union':
      return compileUnion(type, tree, context)
    case 'record':
      return compileRecord(type, tree, context)
    case 'array':
      return compileArray(type, tree, context)
    case 'map':
      return compileMap(type, tree, context)
    default:
      throw new PortcullisError('mask.not_expressible')
  }
}

function compileUnion(type: UnionType, tree: Tree, context: Context): Rewrite {
  const nullBranch = type.branches.findIndex(({ kind }) => kind === 'null')
  const rewrites = type.branches.map((branch): Rewrite | undefined => {
    if (branch.kind === 'null') return () => undefined
    if (hasInside(branch, tree)) return compile(branch, tree, context)
    if (nullBranch < 0) throw new PortcullisError('mask.not_expressible')
    return undefined
  })
  const skips = type.branches.map((branch) => skipOf(branch, context))
  return (cursor, writer) => {
    const branch = readCount(cursor)
    const rewrite = rewrites[branch]
    writeLong(writer, rewrite === undefined ? nullBranch : branch)
    if (rewrite === undefined) skips[branch]!(cursor)
    else rewrite(cursor, writer)
  }
}

/** Whether the masks below find here what they expect: a parent of another type is masked itself. */
function hasInside(type: AvroType, tree: Tree): boolean {
  const segments = [...tree.children.keys()]
  switch (type.kind) {
    case 'record':
      return !segments.includes('*') || type.fields.some(({ name }) => name === '*')
    case 'array':
      return segments.every((segment) => segment === '*' || isIndex(segment))
    case 'map':
      return true
    default:
      return false
  }
}

function fieldSteps(type: RecordType, tree: Tree, context: Context, skip?: Skip) {
  return type.fields.flatMap((field, position) => {
    const child = tree.children.get(field.name)
    return child === undefined ? [] : [{ field: position, rewrite: compile(field.type, child, context, skip) }]
  })
}

function compileRecord(type: RecordType, tree: Tree, context: Context): Rewrite {
  const steps: Rewrite[] = []
  let copied = 0
  /** Fields that no mask touches are passed over and copied together. */
  const copyBefore = (field: number): void => {
    const fields = type.fields.slice(copied, field)
    if (fields.length > 0) steps.push(copyOf({ kind: 'record', name: type.name, fields }, context))
    copied = field + 1
  }
  for (const { field, rewrite } of fieldSteps(type, tree, context)) {
    copyBefore(field)
    steps.push(rewrite)
  }
  copyBefore(type.fields.length)
  return (cursor, writer) => {
    for (let index = 0; index < steps.length; index++) steps[index]!(cursor, writer)
  }
}

function compileArray(type: ArrayType, tree: Tree, context: Context): Rewrite {
  const { every, single, removes } = compileItems(type.items, tree, context)
  return (cursor, writer) =>
    rewriteItems(cursor, writer, removes, (position) => {
      const item = single.get(String(position)) ?? every
      if (!item.removed) itemStart(writer, removes)
      item.rewrite(cursor, writer)
    })
}

/** In maps, too, `*` is every one. */
function compileMap(type: MapType, tree: Tree, context: Context): Rewrite {
  const { every, single, removes } = compileItems(type.values, tree, context)
  return (cursor, writer) =>
    rewriteItems(cursor, writer, removes, () => {
      const start = cursor.position
      const value = single.get(take(cursor, readCount(cursor)).toString('utf8')) ?? every
      if (!value.removed) {
        itemStart(writer, removes)
        writeSpan(writer, cursor.bytes, start, cursor.position)
      }
      value.rewrite(cursor, writer)
    })
}

type Item = { readonly removed: boolean; readonly rewrite: Rewrite }

function compileItems(type: AvroType, tree: Tree, context: Context) {
  const all = tree.children.get('*')
  const every: Item =
    all === undefined ? { removed: false, rewrite: copyOf(type, context) } : compileItem(type, all, context)
  const single = new Map<string, Item>()
  for (const [segment, child] of tree.children)
    if (segment !== '*') single.set(segment, compileItem(type, all === undefined ? child : merged(child, all), context))
  return { every, single, removes: every.removed || [...single.values()].some(({ removed }) => removed) }
}

/** What lies in a list or map can really be removed, where a field can at best be null. */
function compileItem(type: AvroType, tree: Tree, context: Context): Item {
  if (tree.masks.every(({ action }) => action !== 'remove'))
    return { removed: false, rewrite: compile(type, tree, context) }
  return { removed: true, rewrite: skipOf(type, context) }
}

/** Where some items go, how many stay is not known beforehand: each that does is a block of its own. */
function itemStart(writer: Writer, removes: boolean): void {
  if (removes) writeLong(writer, 1)
}

/** Masks of one item together with those of every item. */
function merged(left: Tree, right: Tree): Tree {
  const children = new Map(left.children)
  for (const [segment, child] of right.children) {
    const other = children.get(segment)
    children.set(segment, other === undefined ? child : merged(other, child))
  }
  return { masks: [...left.masks, ...right.masks], children }
}

/** Blocks keep their counts; a size in bytes, which would be wrong now, is left out. */
function rewriteItems(cursor: Cursor, writer: Writer, removes: boolean, item: (position: number) => void): void {
  readItems(cursor, item, (count) => {
    if (!removes) writeLong(writer, count)
  })
  writeByte(writer, 0)
}

function copyOf(type: AvroType, context: Context): Rewrite {
  const skip = skipOf(type, context)
  return (cursor, writer) => {
    const start = cursor.position
    skip(cursor)
    writeSpan(writer, cursor.bytes, start, cursor.position)
  }
}

/** Compiled when first needed: most masks lie at top-level fields, whose ends are known. */
function skipOf(type: AvroType, context: Context): Skip {
  const known = context.skips.get(type)
  if (known !== undefined) return known
  let walker: Walker | undefined
  let opened: Buffer | undefined
  const skip = (cursor: Cursor): void => {
    walker ??= createWalker(compileProgram(type))
    if (opened !== cursor.bytes) openWalker(walker, cursor.bytes)
    opened = cursor.bytes
    cursor.position = walk(walker, cursor.position, cursor.end)
  }
  context.skips.set(type, skip)
  return skip
}
