/** Collections that a followed plan builds, and values that leave what can be followed. */
import { compareValues, equalValues, objectOf, type Value } from '../value.ts'
import { printValue } from '../value-text.ts'
import {
  type Abstract,
  type Cell,
  type CellReference,
  finished,
  isKnown,
  kindOf,
  type Source,
  type State,
  typeOf,
} from './abstract.ts'
import { PlanConflict, PlanUnsupported } from './ir.ts'

/** A field of the record (undefined: all of it) or a fact `<rule>/<fact>` (undefined: all) that a plan can read. */
export type OnRead = (of: 'record' | 'facts', name: string | undefined) => void

export type Collections = {
  make(state: State, target: number, cell: Cell): void
  /** What a collection holds, its construction being over as far as the reader is concerned; any other value is itself. */
  settle(state: State, value: Abstract): Abstract
  cellOf(state: State, value: Abstract): Cell | undefined
  /** The value goes where its parts can't be followed: all of it counts as read. */
  use(state: State, value: Abstract): void
  append(state: State, array: Abstract, value: Abstract): void
  add(state: State, set: Abstract, value: Abstract): void
  insert(state: State, object: Abstract, key: Abstract, value: Abstract, once: boolean): void
}

export function createCollections(onRead: OnRead): Collections {
  let ids = 0

  function use(state: State, value: Abstract): void {
    switch (kindOf(value)) {
      case 'input':
        onRead('record', undefined)
        onRead('facts', undefined)
        return
      case 'source': {
        const { of, path } = value as Source
        if (path.length === 0 || (of === 'facts' && path.length < 2)) onRead(of, undefined)
        return
      }
      case 'cell':
        for (const item of itemsOf(cellOf(state, value))) use(state, item)
        return
      default:
    }
  }

  function cellOf(state: State, value: Abstract): Cell | undefined {
    return kindOf(value) === 'cell' ? state.cells.get((value as CellReference).id) : undefined
  }

  function settle(state: State, value: Abstract): Abstract {
    const cell = cellOf(state, value)
    switch (cell?.kind) {
      case undefined:
        return value
      case 'lost':
        return { kind: 'unknown', maybe: false, type: cell.type }
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
    use(state, value)
    return { kind: 'unknown', maybe: false, type: typeOf(cell) }
  }

  function lost(state: State, reference: Abstract): void {
    const cell = cellOf(state, reference)
    if (cell === undefined) throw new PlanUnsupported('a collection that was not made here changes')
    use(state, reference)
    state.cells.set((reference as CellReference).id, { kind: 'lost', type: typeOf(cell) })
  }

  return {
    settle,
    cellOf,
    use,
    make(state, target, cell) {
      const id = ++ids
      state.cells.set(id, cell)
      state.locals[target] = { kind: 'cell', id }
    },
    append(state, array, value) {
      const cell = cellOf(state, array)
      if (cell?.kind === 'array') cell.items.push(settle(state, value))
      else {
        use(state, value)
        lost(state, array)
      }
    },
    add(state, set, value) {
      const cell = cellOf(state, set)
      const item = settle(state, value)
      if (cell?.kind === 'set' && isKnown(item)) {
        if (!cell.items.some((other) => compareValues(other, item) === 0)) cell.items.push(item)
        return
      }
      use(state, item)
      lost(state, set)
    },
    insert(state, object, key, value, once) {
      const cell = cellOf(state, object)
      if (cell?.kind !== 'object' || !isKnown(key)) {
        use(state, key)
        use(state, value)
        lost(state, object)
        return
      }
      const name = printValue(key)
      const old = cell.entries.get(name)
      if (once && old !== undefined) {
        const [left, right] = [settle(state, old[1]), settle(state, value)]
        if (isKnown(left) && isKnown(right) && !equalValues(left, right)) throw new PlanConflict('conflicting keys')
        use(state, left)
        use(state, right)
      }
      cell.entries.set(name, [key, value])
    },
  }
}

function itemsOf(cell: Cell | undefined): readonly Abstract[] {
  switch (cell?.kind) {
    case 'array':
      return cell.items
    case 'object':
      return [...cell.entries.values()].map(([, value]) => value)
    default:
      return []
  }
}
