/** Rows put together from the columns that deciding needs: each field as a value or as text of JSON. */

import type { Json } from '../../domain/json.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import { type LeafJson, leafJsonOf } from './leaf-json.ts'
import type { ColumnChunk } from './metadata.ts'
import type { Page } from './pages.ts'
import type { Leaf, Node } from './schema.ts'

/** Goes over the entries of one column of one row group. */
export type LeafCursor = {
  readonly leaf: Leaf
  /** Levels of the entry at hand; −1 behind the last. */
  definition(): number
  repetition(): number
  /** Leaves the entry behind. */
  skip(): void
  /** Of the entry at hand, which is not null. */
  value(): Json
  text(): string
}

/** How what is read is put together. */
type Maker<T> = {
  readonly none: T
  leaf(cursor: LeafCursor): T
  list(items: readonly T[]): T
  object(names: readonly string[], values: readonly T[]): T
}

const asValues: Maker<Json> = {
  none: null,
  leaf: (cursor) => cursor.value(),
  list: (items) => items,
  object: (names, values) => Object.fromEntries(names.map((name, index) => [name, values[index]!])),
}

const asText: Maker<string> = {
  none: 'null',
  leaf: (cursor) => cursor.text(),
  list: (items) => `[${items.join()}]`,
  object: (names, values) => `{${names.map((name, index) => `${JSON.stringify(name)}:${values[index]!}`).join()}}`,
}

export type FieldReader = {
  readonly name: string
  /** Of the next row. Both move on to the row after it. @throws format.corrupt */
  value(): Json
  text(): string
  /** @throws format.corrupt where there are more rows */
  end(): void
}

export type LoadedColumn = { readonly leaf: Leaf; readonly chunk: ColumnChunk; readonly pages: readonly Page[] }

export function createFieldReader(node: Node, columns: ReadonlyMap<number, LoadedColumn>): FieldReader {
  const cursors = node.leaves.map((leaf) => createLeafCursor(columns.get(leaf.index)!))
  const offset = columns.get(node.leaves[0]!.index)!.chunk.start
  const wrong = () => corrupt(offset, 'columns that do not go with one another')
  const cursorOf = (leaf: Leaf) => cursors[leaf.index - node.leaves[0]!.index]!

  function read<T>(maker: Maker<T>): T {
    for (const cursor of cursors) if (cursor.repetition() !== 0) throw wrong()
    return field(node, maker)
  }

  function field<T>(at: Node, maker: Maker<T>): T {
    if (at.repetition === 'repeated') return maker.list(items(at, () => content(at, maker)))
    return at.repetition === 'optional' && isAbsent(at) ? maker.none : content(at, maker)
  }

  /** Passes over the one entry that stands for what is not there. */
  function isAbsent(at: Node): boolean {
    const first = cursorOf(at.leaves[0]!).definition()
    if (first < 0) throw wrong()
    if (first >= at.definition) return false
    for (const leaf of at.leaves) {
      const cursor = cursorOf(leaf)
      if (cursor.definition() !== first) throw wrong()
      cursor.skip()
    }
    return true
  }

  function content<T>(at: Node, maker: Maker<T>): T {
    const { shape } = at
    switch (shape.kind) {
      case 'leaf': {
        const cursor = cursorOf(shape.leaf)
        if (cursor.definition() !== shape.leaf.definitionMax) throw wrong()
        const made = maker.leaf(cursor)
        cursor.skip()
        return made
      }
      case 'struct':
        return maker.object(
          at.children.map(({ name }) => name),
          at.children.map((child) => field(child, maker)),
        )
      case 'list': {
        const { repeated, element } = shape
        return maker.list(
          items(repeated, () => (element === repeated ? content(repeated, maker) : field(element, maker))),
        )
      }
      case 'map': {
        const { repeated, key, value } = shape
        const names: string[] = []
        const values = items(repeated, () => {
          names.push(keyOf(field(key, asValues)))
          return field(value, maker)
        })
        // JSON has no two members of one name
        if (new Set(names).size !== names.length) throw corrupt(offset, 'a map with a key twice')
        return maker.object(names, values)
      }
    }
  }

  function items<T>(repeated: Node, item: () => T): readonly T[] {
    const made: T[] = []
    if (isAbsent(repeated)) return made
    const lead = cursorOf(repeated.leaves[0]!)
    do {
      made.push(item())
      for (const leaf of repeated.leaves) {
        const cursor = cursorOf(leaf)
        if (cursor.repetition() >= repeated.repetitionLevel !== lead.repetition() >= repeated.repetitionLevel)
          throw wrong()
      }
    } while (lead.repetition() >= repeated.repetitionLevel)
    return made
  }

  return {
    name: node.name,
    value: () => read(asValues),
    text: () => read(asText),
    end() {
      for (const cursor of cursors) if (cursor.definition() >= 0) throw wrong()
    },
  }
}

function keyOf(key: Json): string {
  return typeof key === 'string' ? key : String(key)
}

function createLeafCursor({ leaf, pages }: LoadedColumn): LeafCursor {
  const json: LeafJson = leafJsonOf(leaf)
  const { definitionMax } = leaf
  /** Of the values of a dictionary, each made once. */
  const known = new Map<Page['values'], { readonly values: Json[]; readonly texts: string[] }>()
  let at = -1
  let page: Page | undefined
  let entry = 0
  let index = 0
  let definition = -1

  function settle(): void {
    while (at < pages.length && (page === undefined || entry >= page.entries)) {
      page = pages[++at]
      entry = 0
      index = 0
    }
    definition = page === undefined ? -1 : page.definition === undefined ? definitionMax : page.definition[entry]!
  }

  function knownOf(values: Page['values']) {
    let made = known.get(values)
    if (made === undefined) known.set(values, (made = { values: [], texts: [] }))
    return made
  }

  settle()
  return {
    leaf,
    definition: () => definition,
    repetition: () => (page === undefined ? -1 : page.repetition === undefined ? 0 : page.repetition[entry]!),
    skip() {
      if (definition === definitionMax) index++
      entry++
      settle()
    },
    value() {
      const { values, indices } = page!
      if (indices === undefined) return json.value(values.data, values.start(index), values.end(index))
      const place = indices[index]!
      return (knownOf(values).values[place] ??= json.value(values.data, values.start(place), values.end(place)))
    },
    text() {
      const { values, indices } = page!
      if (indices === undefined) return json.text(values.data, values.start(index), values.end(index))
      const place = indices[index]!
      return (knownOf(values).texts[place] ??= json.text(values.data, values.start(place), values.end(place)))
    },
  }
}
