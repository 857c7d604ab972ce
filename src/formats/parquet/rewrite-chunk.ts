/** One column of one row group, written anew: without the rows that are dropped, with the masks of those that stay. */
import { setImmediate } from 'node:timers/promises'
import { corrupt } from '../record-stream/format-errors.ts'
import { type ChunkWriter, createChunkWriter, type WrittenChunk } from './chunk-writer.ts'
import type { LeafMask } from './masks.ts'
import type { ColumnChunk } from './metadata.ts'
import { type Page, readPages } from './pages.ts'
import { createPlainValues, type PlainValues } from './plain-values.ts'
import type { Leaf } from './schema.ts'

/** Of the rows of one decision, in one column. Undefined: they stay as they are. */
export type Treatment = LeafMask | 'drop' | undefined

export type Rewriting = {
  readonly leaf: Leaf
  readonly chunk: ColumnChunk
  readonly rowCount: number
  /** For each row, which treatment; undefined: the first for all. */
  readonly classes: Uint16Array | undefined
  readonly treatments: readonly Treatment[]
}

/** Entries between two turns of the event loop. */
const turnEntries = 65_536
/** Entries of a page that is made without looking at the source. */
const uniformEntries = 1_048_576

/** Where all rows become the same, whatever they were, the source is not needed. */
export function rewriteUniformly({ leaf, chunk, rowCount, classes, treatments }: Rewriting): WrittenChunk | undefined {
  const [only] = treatments
  if (classes !== undefined || only === undefined || only === 'drop') return undefined
  const isCut = only.kind === 'cut' && only.definition === 0 && only.repetition === 0
  // booleans have no dictionaries
  const isConstant =
    only.kind === 'constant' && only.definition === 0 && leaf.repetitionMax === 0 && leaf.type !== 'boolean'
  if (!isCut && !isConstant) return undefined
  const writer = createChunkWriter(leaf, chunk.codec)
  if (only.kind === 'constant') writer.intern(only.bytes, 0, only.bytes.length)
  for (let left = rowCount; left > 0; ) {
    const entries = Math.min(left, uniformEntries)
    const definition = new Uint8Array(entries)
    if (isConstant) definition.fill(leaf.definitionMax)
    writer.page({
      entries,
      definition,
      repetition: new Uint8Array(leaf.repetitionMax === 0 ? 0 : entries),
      valueCount: isConstant ? entries : 0,
      indices: new Uint32Array(isConstant ? entries : 0),
      body: isConstant ? undefined : Buffer.alloc(0),
    })
    left -= entries
  }
  return writer.finish()
}

/** `bytes` are those of the chunk. @throws format.corrupt, format.limit, format.unknown, mask.not_expressible */
export async function rewriteChunk(rewriting: Rewriting, bytes: Buffer, signal: AbortSignal): Promise<WrittenChunk> {
  const { leaf, chunk, rowCount } = rewriting
  const writer = createChunkWriter(leaf, chunk.codec)
  const rewritePage = createPageRewriter(rewriting, writer)
  let entries = 0
  for (const page of readPages(leaf, chunk, bytes)) {
    entries += page.entries
    if (entries >= turnEntries) {
      entries = 0
      await setImmediate()
      signal.throwIfAborted()
    }
    rewritePage.next(page)
  }
  if (rewritePage.rows() !== rowCount) throw corrupt(chunk.start, 'a column of another number of rows than it says')
  return writer.finish()
}

/** A masked value of the dictionary that has not been needed yet, and one that is null. */
const [unknown, isNull] = [-1, -2]

function createPageRewriter({ leaf, chunk, rowCount, classes, treatments }: Rewriting, writer: ChunkWriter) {
  const { definitionMax } = leaf
  const nullDefinition = definitionMax - 1
  let row = -1
  let dictionary: Page['values'] | undefined
  /** For each treatment, what becomes of each value of the dictionary. */
  let places: readonly (Int32Array | undefined)[] = []
  const constants = treatments.map((treatment) =>
    typeof treatment === 'object' && treatment.kind === 'constant' ? treatment.bytes : undefined,
  )

  // masks make values the same, and who counts the dictionary must not learn how many there were
  const isMasked = treatments.some((treatment) => typeof treatment === 'object')
  const enter = isMasked ? writer.intern : writer.append

  function open(page: Page): void {
    if (page.indices === undefined || page.values === dictionary) return
    dictionary = page.values
    places = treatments.map((treatment) =>
      treatment === undefined || (typeof treatment === 'object' && treatment.kind === 'value')
        ? new Int32Array(page.values.count).fill(unknown)
        : undefined,
    )
  }

  function placeOf(at: number, treatment: LeafMask | undefined, index: number): number {
    const known = places[at]!
    const place = known[index]!
    if (place !== unknown) return place
    const { data } = dictionary!
    const [start, end] = [dictionary!.start(index), dictionary!.end(index)]
    if (treatment?.kind !== 'value') known[index] = enter(data, start, end)
    else {
      const masked = treatment.rewrite(data, start, end)
      known[index] = masked === undefined ? isNull : writer.intern(masked, 0, masked.length)
    }
    return known[index]!
  }

  function next(page: Page): void {
    open(page)
    const { values, indices } = page
    const out = createPageOut(page, indices === undefined ? createPlainValues(leaf) : undefined)
    let value = 0
    for (let entry = 0; entry < page.entries; entry++) {
      const repetition = page.repetition === undefined ? 0 : page.repetition[entry]!
      if (repetition === 0 && ++row >= rowCount) throw corrupt(chunk.start, 'a column of more rows than it says')
      if (row < 0) throw corrupt(chunk.start, 'a column that begins within a row')
      const definition = page.definition === undefined ? definitionMax : page.definition[entry]!
      const index = definition === definitionMax ? value++ : -1
      const at = classes === undefined ? 0 : classes[row]!
      const treatment = treatments[at]
      if (treatment === 'drop') continue
      if (treatment?.kind === 'cut') {
        if (repetition <= treatment.repetition) out.level(Math.min(definition, treatment.definition), repetition)
        continue
      }
      if (treatment?.kind === 'constant') {
        const constant = constants[at]!
        if (definition < treatment.definition) out.level(definition, repetition)
        else if (out.body === undefined)
          out.place(writer.intern(constant, 0, constant.length), definitionMax, repetition)
        else out.value(constant, 0, constant.length, definitionMax, repetition)
        continue
      }
      if (index < 0) out.level(definition, repetition)
      else if (indices !== undefined) {
        const place = placeOf(at, treatment, indices[index]!)
        if (place === isNull) out.level(nullDefinition, repetition)
        else out.place(place, definitionMax, repetition)
      } else if (treatment === undefined)
        out.value(values.data, values.start(index), values.end(index), definitionMax, repetition)
      else {
        const masked = treatment.rewrite(values.data, values.start(index), values.end(index))
        if (masked === undefined) out.level(nullDefinition, repetition)
        else out.value(masked, 0, masked.length, definitionMax, repetition)
      }
    }
    if (out.entries() > 0) writer.page(out.content())
  }

  return { next, rows: () => row + 1 }
}

function createPageOut(page: Page, body: PlainValues | undefined) {
  const definition = new Uint8Array(page.entries)
  const repetition = new Uint8Array(page.entries)
  const indices = new Uint32Array(body === undefined ? page.entries : 0)
  let entries = 0
  let valueCount = 0

  function level(definitionLevel: number, repetitionLevel: number): void {
    definition[entries] = definitionLevel
    repetition[entries++] = repetitionLevel
  }

  return {
    body,
    level,
    place(place: number, definitionLevel: number, repetitionLevel: number): void {
      indices[valueCount++] = place
      level(definitionLevel, repetitionLevel)
    },
    value(data: Buffer, start: number, end: number, definitionLevel: number, repetitionLevel: number): void {
      valueCount++
      body!.add(data, start, end)
      level(definitionLevel, repetitionLevel)
    },
    entries: () => entries,
    content: () => ({ entries, definition, repetition, valueCount, indices, body: body?.take() }),
  }
}
