/** What a followed plan finds out about values: members, equality, type. Each look into the record or the facts is reported. */
import { equalValues, isArray, isObject, isSet, type Value } from '../value.ts'
import {
  type Abstract,
  entriesOf,
  type Input,
  isKnown,
  keyText,
  kindOf,
  looked,
  perhaps,
  presence,
  type Source,
  type State,
  typeOf,
  type Unknown,
  unknown,
  type Watched,
} from './abstract.ts'
import type { Collections, OnRead } from './collections.ts'
import { get } from './natives.ts'

/** Facts by rule; all others are undefined. */
export type FactNames = ReadonlyMap<string, ReadonlySet<string>>

export type Lookups = {
  /** A member; undefined where there certainly is none. */
  dot(state: State, source: Abstract, key: Abstract): Abstract
  length(state: State, value: Abstract): Abstract
  /** Undefined: it is not known. */
  equality(state: State, a: Abstract, b: Abstract): boolean | undefined
  hasType(state: State, value: Abstract, type: 'array' | 'object' | 'set'): boolean | undefined
}

export function createLookups(collections: Collections, onRead: OnRead, facts: FactNames): Lookups {
  const { settle, cellOf, use } = collections

  function dot(state: State, source: Abstract, key: Abstract): Abstract {
    if (source === undefined || key === undefined) return undefined
    const cell = cellOf(state, source)
    if (cell?.kind === 'object' && isKnown(key)) return cell.entries.get(keyText(key))?.[1]
    if (kindOf(source) === 'watched' && isKnown(key)) return dotOfWatched(source as Watched, key)
    const settled = settle(state, source)
    if (!isKnown(key)) {
      use(state, settled)
      use(state, key)
      return perhaps
    }
    if (isKnown(settled)) return get(settled, key)
    switch (kindOf(settled)) {
      case 'input': {
        const { members, sources } = settled as Input
        if (typeof key !== 'string') return undefined
        return sources.has(key) ? { kind: 'source', of: key as Source['of'], path: [] } : members.get(key)
      }
      case 'source':
        return dotOfSource(settled as Source, key)
      default:
        use(state, settled)
        return perhaps
    }
  }

  function dotOfWatched({ value, onLook }: Watched, key: Value): Abstract {
    onLook(typeof key === 'string' ? key : undefined)
    return get(value, key)
  }

  function dotOfSource({ of, path }: Source, key: Value): Abstract {
    if (of === 'facts') return dotOfFacts(path, key)
    if (path.length === 0) {
      if (typeof key !== 'string') return undefined
      onRead('record', key)
    }
    return { kind: 'source', of, path: [...path, typeof key === 'string' ? key : '*'] }
  }

  function dotOfFacts(path: readonly string[], key: Value): Abstract {
    if (path.length > 1) return perhaps
    if (typeof key !== 'string') return undefined
    const [rule] = path
    if (rule === undefined) {
      if (!facts.has(key)) return undefined
      onRead('facts of', key)
      return { kind: 'source', of: 'facts', path: [key] }
    }
    if (!facts.get(rule)?.has(key)) return undefined
    onRead('facts', `${rule}/${key}`)
    return { kind: 'source', of: 'facts', path: [rule, key] }
  }

  return {
    dot,
    length(state, value) {
      if (value === undefined) return undefined
      if (!isKnown(value)) {
        use(state, value)
        return unknown
      }
      return typeof value === 'string' ? Buffer.byteLength(value) : entriesOf(value).length
    },
    equality(state, a, b) {
      if (a === undefined && b === undefined) return true
      if (isKnown(a) && isKnown(b)) return equalValues(a, b)
      if (a === undefined && presence(b) === 'yes') return false
      if (b === undefined && presence(a) === 'yes') return false
      use(state, a)
      use(state, b)
      return undefined
    },
    hasType(state, given, type) {
      const value = looked(given)
      const cell = cellOf(state, value)
      if (cell !== undefined) return typeOf(cell) === type
      if (value === undefined) return false
      if (isKnown(value)) return type === 'array' ? isArray(value) : type === 'object' ? isObject(value) : isSet(value)
      const kind = kindOf(value)
      if (kind === 'input' || (kind === 'source' && (value as Source).path.length === 0)) return type === 'object'
      const { type: known } = value as Unknown
      return known === undefined ? undefined : known === type
    },
  }
}
