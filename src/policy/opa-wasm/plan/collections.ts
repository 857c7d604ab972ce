/** Collections that a followed plan builds, and values that leave what can be followed. */
import { compareValues, equalValues, objectOf, type Value } from '../value.ts'
import {
  type Abstract,
  type Cell,
  type CellReference,
  finished,
  type Holds,
  holdsFacts,
  holdsOf,
  holdsOfCell,
  holdsRecord,
  isKnown,
  keyText,
  kindOf,
  looked,
  type State,
  same,
  typeOf,
} from './abstract.ts'
import { PlanConflict, PlanUnsupported } from './ir.ts'

/** A field of the record (undefined: all of it) or a fact `<rule>/<fact>` (undefined: all) that a plan can read; or a rule, whose facts it asks for without naming one yet. */
export type OnRead = (of: 'record' | 'facts' | 'facts of', name: string | undefined) => void

export type Collections = {
  make(state: State, target: number, cell: Cell): void
  /** What a collection holds, its construction being over as far as the reader is concerned; any other value is itself. */
  settle(state: State, value: Abstract): Abstract
  cellOf(state: State, value: Abstract): Cell | undefined
  /** The value goes where its parts can't be followed: all of it counts as read. */
  use(state: State, value: Abstract): void
  /** Whether the two are equal matters: all of both counts as read, unless they are the same part of the input. */
  compare(state: State, a: Abstract, b: Abstract): void
  append(state: State, array: Abstract, value: Abstract): void
  /** While it runs, arrays that were there before get their items in an order that only WASM knows: its objects and sets are hashed. */
  inAnyOrder<Result>(run: () => Result): Result
  add(state: State, set: Abstract, value: Abstract): void
  insert(state: State, object: Abstract, key: Abstract, value: Abstract, once: boolean): void
}

export function createCollections(onRead: OnRead): Collections {
  let ids = 0
  /** The last cell whose items come in an order that is not known. */
  let unordered = 0

  function use(state: State, value: Abstract): void {
    const holds = holdsOf(state, value)
    if ((holds & holdsRecord) !== 0) onRead('record', undefined)
    if ((holds & holdsFacts) !== 0) onRead('facts', undefined)
  }

  function compare(state: State, a: Abstract, b: Abstract): void {
    if (kindOf(a) === 'source' && same(a, b)) return
    use(state, a)
    use(state, b)
  }

  function cellOf(state: State, value: Abstract): Cell | undefined {
    return kindOf(value) === 'cell' ? state.cells.get((value as CellReference).id) : undefined
  }

  function settle(state: State, value: Abstract): Abstract {
    const cell = cellOf(state, value)
    switch (cell?.kind) {
      case undefined:
        return looked(value)
      case 'lost':
        break
      case 'set':
        return finished(cell)
      case 'array': {
        const items = cell.items.map((item) => settle(state, item))
        if (items.every(isKnown)) return items as Value[]
        break
      }
      case 'object': {
        const entries = [...cell.entries.values()].map(([key, item]) => [key, settle(state, item)] as const)
        if (entries.every(([, item]) => isKnown(item))) return objectOf(entries as [Value, Value][])
        break
      }
    }
    return { kind: 'unknown', maybe: false, holds: holdsOfCell(state, cell), type: typeOf(cell) }
  }

  /** From now on its contents are not known; among them is `added`. */
  function lose(state: State, reference: Abstract, ...added: readonly Abstract[]): void {
    const cell = cellOf(state, reference)
    if (cell === undefined) throw new PlanUnsupported('a collection that was not made here changes')
    const holds = added.reduce((all: Holds, value) => all | holdsOf(state, value), holdsOfCell(state, cell))
    state.cells.set((reference as CellReference).id, { kind: 'lost', type: typeOf(cell), holds })
  }

  return {
    settle,
    cellOf,
    use,
    compare,
    make(state, target, cell) {
      const id = ++ids
      state.cells.set(id, cell)
      state.locals[target] = { kind: 'cell', id }
    },
    append(state, array, value) {
      const cell = cellOf(state, array)
      if (cell?.kind === 'array' && (array as CellReference).id > unordered) cell.items.push(settle(state, value))
      else lose(state, array, value)
    },
    inAnyOrder(run) {
      const outer = unordered
      unordered = ids
      const result = run()
      unordered = outer
      return result
    },
    add(state, set, value) {
      const cell = cellOf(state, set)
      const item = settle(state, value)
      if (cell?.kind === 'set' && isKnown(item)) {
        if (!cell.items.some((other) => compareValues(other, item) === 0)) cell.items.push(item)
        return
      }
      lose(state, set, item)
    },
    insert(state, object, key, value, once) {
      const cell = cellOf(state, object)
      if (cell?.kind !== 'object' || !isKnown(key)) {
        // a value that has this key already may be another one, which ends the evaluation
        if (once) compare(state, settle(state, object), settle(state, value))
        lose(state, object, key, value)
        return
      }
      const name = keyText(key)
      const old = cell.entries.get(name)
      if (once && old !== undefined) {
        const [left, right] = [settle(state, old[1]), settle(state, value)]
        if (isKnown(left) && isKnown(right) && !equalValues(left, right)) throw new PlanConflict('conflicting keys')
        compare(state, left, right)
      }
      cell.entries.set(name, [key, value])
    },
  }
}
