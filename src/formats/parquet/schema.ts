/** The schema of a file as a tree: levels, leaves, and where a group stands for a list or a map. */
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { columnsMax, schemaDepthMax } from './limits.ts'
import { type Logical, logicalOf } from './logical.ts'
import { bytesAt, isStruct, numberAt, type ThriftStruct, type ThriftValue } from './thrift.ts'

export const physicalTypes = ['boolean', 'int32', 'int64', 'int96', 'float', 'double', 'bytes', 'fixed'] as const
export type PhysicalType = (typeof physicalTypes)[number]

export type Leaf = {
  /** Among the columns of each row group. */
  readonly index: number
  readonly path: readonly string[]
  readonly type: PhysicalType
  /** Bytes of a value; undefined where each has its own length. */
  readonly width: number | undefined
  readonly logical: Logical | undefined
  readonly definitionMax: number
  readonly repetitionMax: number
  readonly optional: boolean
}

export type Node = {
  readonly name: string
  readonly repetition: 'required' | 'optional' | 'repeated'
  /** The definition level from which on it is there. */
  readonly definition: number
  /** Repeated fields from the root to it, itself counted. */
  readonly repetitionLevel: number
  readonly children: readonly Node[]
  /** Below it, or itself. */
  readonly leaves: readonly Leaf[]
  readonly shape: Shape
}

/** `element` is the repeated field itself where a list is written in the old way, of two levels. */
export type Shape =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'struct' }
  | { readonly kind: 'list'; readonly repeated: Node; readonly element: Node }
  | { readonly kind: 'map'; readonly repeated: Node; readonly key: Node; readonly value: Node }

export type Schema = { readonly fields: readonly Node[]; readonly leaves: readonly Leaf[] }

const repetitions = ['required', 'optional', 'repeated'] as const
const widths: Readonly<Record<PhysicalType, number | undefined>> = {
  boolean: 1,
  int32: 4,
  int64: 8,
  int96: 12,
  float: 4,
  double: 8,
  bytes: undefined,
  fixed: 0,
}
const converted = { map: 1, mapKeyValue: 2, list: 3 } as const
const logicalIds = { map: 2, list: 3 } as const

/** `offset`: of the metadata in the file. @throws format.corrupt, format.limit */
export function parseSchema(elements: readonly ThriftValue[], offset: number): Schema {
  const leaves: Leaf[] = []
  let at = 0

  const wrong = () => corrupt(offset, 'a schema that is not valid')

  function next(): ThriftStruct {
    const element = elements[at++]
    if (!isStruct(element)) throw wrong()
    return element
  }

  function childrenOf(count: number, definition: number, repetitionLevel: number, path: readonly string[]) {
    if (path.length > schemaDepthMax) throw beyondLimit(offset, 'a schema that is too deep')
    if (count < 0 || count > elements.length) throw wrong()
    const children = Array.from({ length: count }, () => node(definition, repetitionLevel, path))
    // what a path means would be open
    if (new Set(children.map(({ name }) => name)).size !== count) throw wrong()
    return children
  }

  function node(definitionAbove: number, repetitionAbove: number, above: readonly string[]): Node {
    const element = next()
    const nameBytes = bytesAt(element, 4)
    const repetition = repetitions[numberAt(element, 3) ?? -1]
    if (nameBytes === undefined || repetition === undefined) throw wrong()
    const name = nameBytes.toString('utf8')
    if (!Buffer.from(name).equals(nameBytes)) throw wrong()
    const path = [...above, name]
    const definition = definitionAbove + (repetition === 'required' ? 0 : 1)
    const repetitionLevel = repetitionAbove + (repetition === 'repeated' ? 1 : 0)
    const place = { name, repetition, definition, repetitionLevel } as const
    if (element.has(1)) {
      const leaf = leafOf(element, path, definition, repetitionLevel, repetition !== 'required')
      return { ...place, children: [], leaves: [leaf], shape: { kind: 'leaf', leaf } }
    }
    const children = childrenOf(numberAt(element, 5) ?? 0, definition, repetitionLevel, path)
    // a group without columns has no levels that tell whether it is there
    if (children.length === 0) throw wrong()
    return { ...place, children, leaves: children.flatMap((child) => child.leaves), shape: shapeOf(element, children) }
  }

  function leafOf(
    element: ThriftStruct,
    path: readonly string[],
    definitionMax: number,
    repetitionMax: number,
    optional: boolean,
  ): Leaf {
    const type = physicalTypes[numberAt(element, 1) ?? -1]
    if (type === undefined || (numberAt(element, 5) ?? 0) !== 0) throw wrong()
    const width = type === 'fixed' ? numberAt(element, 2) : widths[type]
    if (type === 'fixed' && (width === undefined || width <= 0 || width > 1_048_576)) throw wrong()
    if (leaves.length === columnsMax) throw beyondLimit(offset, 'a schema of too many columns')
    const logical = logicalOf(element, type, width)
    if (logical === 'wrong') throw wrong()
    const leaf: Leaf = { index: leaves.length, path, type, width, logical, definitionMax, repetitionMax, optional }
    leaves.push(leaf)
    return leaf
  }

  const root = next()
  const fields = childrenOf(numberAt(root, 5) ?? 0, 0, 0, [])
  if (at !== elements.length) throw wrong()
  return { fields, leaves }
}

function shapeOf(element: ThriftStruct, children: readonly Node[]): Shape {
  const logical = element.get(10)?.value
  const is = (logicalId: number, ...convertedIds: readonly number[]) =>
    (isStruct(logical) && logical.has(logicalId)) || convertedIds.includes(numberAt(element, 6) ?? -1)
  const [repeated] = children
  if (children.length !== 1 || repeated?.repetition !== 'repeated') return { kind: 'struct' }
  if (is(logicalIds.list, converted.list)) {
    const [only] = repeated.children
    const isWrapper =
      repeated.shape.kind !== 'leaf' &&
      repeated.children.length === 1 &&
      only!.repetition !== 'repeated' &&
      repeated.name !== 'array' &&
      repeated.name !== `${bytesAt(element, 4)!.toString()}_tuple`
    return { kind: 'list', repeated, element: isWrapper ? only! : repeated }
  }
  const [key, value] = repeated.children
  if (is(logicalIds.map, converted.map, converted.mapKeyValue) && repeated.children.length === 2)
    return { kind: 'map', repeated, key: key!, value: value! }
  return { kind: 'struct' }
}
