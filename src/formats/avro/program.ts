/**
 * Compiles a schema into a flat program for walk.ts: one pass over a record's bytes validates all of them, notes where the top-level fields lie, and
 * observes the values that facts ask for. Facts are woven in: what is compiled is the product of the schema with the places in the facts' paths.
 */
import { type Place, placesOf, type Watch } from './fact-places.ts'
import { beyondLimit, instructionsMax } from './limits.ts'
import type { AvroType, RecordType, UnionType } from './schema.ts'

export const op = {
  end: 0,
  boolean: 1,
  int: 2,
  long: 3,
  fixed: 4,
  bytes: 5,
  string: 6,
  enum: 7,
  union: 8,
  optional: 9,
  optionalString: 10,
  loop: 11,
  next: 12,
  call: 13,
  return: 14,
  mark: 15,
  begin: 16,
  observe: 17,
  factString: 18,
  factOptionalString: 19,
  key: 20,
  jump: 21,
  optionalEnum: 22,
} as const

/** The numbers stand in walk.ts, too. */
export type Op = (typeof op)[keyof typeof op]

/** Facts that see a value of this type. */
export type Observation = { readonly type: AvroType; readonly slots: readonly number[] }

export type Program = {
  readonly code: Int32Array
  readonly observations: readonly Observation[]
  /** For `op.key`: where to go on, by the text of a map's key. */
  readonly keys: readonly { readonly byName: ReadonlyMap<string, number>; readonly other: number }[]
  /** Top-level fields, or 1 where the root is no record. */
  readonly marks: number
}

/** @throws AvroFault (limit) where schema and facts together are too large */
export function compileProgram(root: AvroType, watches: readonly Watch[] = []): Program {
  const code: number[] = []
  const observations: Observation[] = []
  const keys: { byName: Map<string, number>; other: number }[] = []
  const shared = sharedRecords(root)
  const routines = new Map<string, number>()
  const pending: { readonly at: number; readonly record: RecordType; readonly places: readonly Place[] }[] = []
  const recordNumbers = new Map<RecordType, number>()
  const { start, accepted, stepInto, stepIntoItem } = placesOf(watches)

  const marks = emitRoot()
  code.push(op.end)
  for (let routine = pending.pop(); routine !== undefined; routine = pending.pop()) emitRoutine(routine)
  return { code: Int32Array.from(code), observations, keys, marks }

  function emitRoot(): number {
    if (root.kind !== 'record') {
      code.push(op.mark, 0)
      emit(root, start)
      return 1
    }
    observeComposite(root, start)
    root.fields.forEach((field, index) => {
      code.push(op.mark, index)
      emit(field.type, stepInto(field.name, start))
    })
    return root.fields.length
  }

  function emitRoutine({ at, record, places }: (typeof pending)[number]): void {
    const name = routineName(record, places)
    let entry = routines.get(name)
    if (entry === undefined) {
      entry = code.length
      routines.set(name, entry)
      emitFields(record, places)
      code.push(op.return)
    }
    code[at] = entry
  }

  function routineName(record: RecordType, places: readonly Place[]): string {
    const number = recordNumbers.get(record) ?? recordNumbers.size
    recordNumbers.set(record, number)
    return `${number} ${places.map(({ slot, at }) => `${slot}:${at}`).join(' ')}`
  }

  function emitFields(record: RecordType, places: readonly Place[]): void {
    for (const field of record.fields) emit(field.type, stepInto(field.name, places))
  }

  function emit(type: AvroType, places: readonly Place[]): void {
    if (code.length > instructionsMax) throw beyondLimit(0)
    switch (type.kind) {
      case 'record':
        observeComposite(type, places)
        if (!shared.has(type)) {
          emitFields(type, places)
          return
        }
        code.push(op.call, 0)
        pending.push({ at: code.length - 1, record: type, places })
        return
      case 'array':
        observeComposite(type, places)
        emitLoop(() => emit(type.items, stepIntoItem(places)))
        return
      case 'map':
        observeComposite(type, places)
        emitLoop(() => emitEntry(type.values, places))
        return
      case 'union':
        emitUnion(type, places)
        return
      default:
        emitScalar(type, places)
        return
    }
  }

  function emitLoop(body: () => void): void {
    const loop = code.length
    code.push(op.loop, 0)
    body()
    code.push(op.next, loop)
    code[loop + 1] = code.length
  }

  function emitEntry(values: AvroType, places: readonly Place[]): void {
    if (places.length === 0) {
      code.push(op.string)
      emit(values, places)
      return
    }
    const table = { byName: new Map<string, number>(), other: 0 }
    code.push(op.key, keys.push(table) - 1)
    const names = new Set(
      places.map(({ slot, at }) => watches[slot]!.segments[at]).filter((name) => name !== undefined),
    )
    const ends: number[] = []
    for (const name of names) {
      if (name === '*' || name === '**') continue
      const key = name
      table.byName.set(key, code.length)
      emit(values, stepInto(key, places))
      code.push(op.jump, 0)
      ends.push(code.length - 1)
    }
    table.other = code.length
    emit(values, stepInto(undefined, places))
    for (const end of ends) code[end] = code.length
  }

  function emitUnion(type: UnionType, places: readonly Place[]): void {
    const [first, second] = type.branches
    const nullAt = type.branches.findIndex(({ kind }) => kind === 'null')
    const other = nullAt === 0 ? second : first
    const seen = accepted(places)
    if (type.branches.length === 2 && nullAt >= 0 && other !== undefined) {
      const nullByte = nullAt * 2
      if (other.kind === 'string' && seen.length === 0) {
        code.push(op.optionalString, nullByte)
        return
      }
      if (other.kind === 'string' && seen.length === 1 && watches[seen[0]!]!.direct) {
        code.push(op.factOptionalString, nullByte, seen[0]!)
        return
      }
      if (other.kind === 'enum' && seen.length === 0) {
        code.push(op.optionalEnum, nullByte, other.symbols.length)
        return
      }
      if (seen.length === 0) {
        const at = code.length
        code.push(op.optional, nullByte, 0)
        emit(other, places)
        code[at + 2] = code.length
        return
      }
    }
    emitBranches(type, places)
  }

  function emitBranches(type: UnionType, places: readonly Place[]): void {
    const at = code.length
    code.push(op.union, type.branches.length, ...type.branches.map(() => 0))
    const ends: number[] = []
    type.branches.forEach((branch, index) => {
      code[at + 2 + index] = code.length
      emit(branch, places)
      code.push(op.jump, 0)
      ends.push(code.length - 1)
    })
    for (const end of ends) code[end] = code.length
  }

  function emitScalar(type: AvroType, places: readonly Place[]): void {
    const slots = accepted(places)
    if (type.kind === 'string' && slots.length === 1 && watches[slots[0]!]!.direct) {
      code.push(op.factString, slots[0]!)
      return
    }
    if (slots.length > 0) code.push(op.begin)
    switch (type.kind) {
      case 'boolean':
      case 'int':
      case 'long':
      case 'bytes':
      case 'string':
        code.push(op[type.kind])
        break
      case 'float':
        code.push(op.fixed, 4)
        break
      case 'double':
        code.push(op.fixed, 8)
        break
      case 'fixed':
        code.push(op.fixed, type.size)
        break
      case 'enum':
        code.push(op.enum, type.symbols.length)
        break
      default:
        // null takes no bytes, and what holds other types is no scalar
        break
    }
    if (slots.length > 0) code.push(op.observe, observations.push({ type, slots }) - 1)
  }

  function observeComposite(type: AvroType, places: readonly Place[]): void {
    const slots = accepted(places)
    if (slots.length > 0) code.push(op.begin, op.observe, observations.push({ type, slots }) - 1)
  }
}

/** Records that occur more than once, or inside themselves: compiled once and called, so that programs stay finite and small. */
function sharedRecords(root: AvroType): ReadonlySet<RecordType> {
  const seen = new Set<RecordType>()
  const shared = new Set<RecordType>()
  visit(root)
  return shared

  function visit(type: AvroType): void {
    switch (type.kind) {
      case 'record':
        if (seen.has(type)) {
          shared.add(type)
          return
        }
        seen.add(type)
        for (const field of type.fields) visit(field.type)
        return
      case 'array':
        visit(type.items)
        return
      case 'map':
        visit(type.values)
        return
      case 'union':
        for (const branch of type.branches) visit(branch)
        return
      default:
        return
    }
  }
}
