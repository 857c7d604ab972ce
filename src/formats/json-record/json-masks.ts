/** Writes a scanned record with its masks: the bytes between masked values are the record's own. */
import type { Mask } from '../../domain/decision.ts'
import type { Json } from '../../domain/json.ts'
import type { ByteSink } from '../record-stream/byte-sink.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { nearestNumber } from './json-number.ts'
import { printJson } from './json-print.ts'
import { endOf, isText, type JsonTape, kindOf, kinds, nextOf, startOf } from './json-tape.ts'
import { scalarOf } from './json-values.ts'
import { isRemoved, type MaskPlace, maskPlaces, nullPlace } from './mask-places.ts'

/** Writes the bytes from `start` to `end`, between which the record lies, masked. */
export type JsonMasker = (tape: JsonTape, start: number, end: number, sink: ByteSink) => void

/** A child is an item, or a member's name with its value just after it. */
type PlaceOf = (child: number, index: number) => MaskPlace | undefined

export function compileMasks(masks: readonly Mask[], maskValue: MaskValue): JsonMasker {
  const root = maskPlaces(masks)
  let tape: JsonTape
  let sink: ByteSink
  /** First byte that is not written yet. */
  let from = 0

  function replace(start: number, end: number, text: string): void {
    sink.copy(tape.bytes, from, start)
    sink.text(text)
    from = end
  }

  function walk(node: number, place: MaskPlace): void {
    const kind = kindOf(tape, node)
    if (place.mask !== undefined) {
      const masked = maskValue(place.mask, valueAt(tape, node))
      replace(startOf(tape, node), endOf(tape, node), masked === undefined ? 'null' : printJson(masked))
    } else if (kind === kinds.object && place.fitsObject) walkObject(node, place)
    else if (kind === kinds.list && place.fitsList) walkList(node, place)
    // the parent is not what the path takes it for: nothing of it may pass
    else if (kind !== kinds.null) replace(startOf(tape, node), endOf(tape, node), 'null')
  }

  function walkObject(object: number, place: MaskPlace): void {
    const { members } = place
    const placeOf: PlaceOf = (name) => {
      for (const member of members) if (isText(tape, name, member.name)) return member.place
      return undefined
    }
    if (place.removes) walkRemoving(object, 1, placeOf)
    else walkChildren(object, 1, placeOf)
  }

  function walkList(list: number, { members, each, removes }: MaskPlace): void {
    const placeOf: PlaceOf = (_, index) => {
      const one = members.find((member) => member.index === index)?.place
      return one !== undefined && each !== undefined ? nullPlace : (one ?? each)
    }
    if (removes) walkRemoving(list, 0, placeOf)
    else walkChildren(list, 0, placeOf)
  }

  function walkChildren(parent: number, toValue: 0 | 1, placeOf: PlaceOf): void {
    const end = nextOf(tape, parent)
    for (let child = parent + 1, index = 0; child < end; child = nextOf(tape, child + toValue), index++) {
      const place = placeOf(child, index)
      if (place !== undefined) walk(child + toValue, place)
    }
  }

  /** Children that are removed go with the comma after them, the last ones with the comma before. */
  function walkRemoving(parent: number, toValue: 0 | 1, placeOf: PlaceOf): void {
    const end = nextOf(tape, parent)
    let lastKept = -1
    for (let child = parent + 1, index = 0; child < end; child = nextOf(tape, child + toValue), index++)
      if (!isRemoved(placeOf(child, index))) lastKept = child
    let lastEnd = 0
    for (let child = parent + 1, index = 0; child < end; index++) {
      const next = nextOf(tape, child + toValue)
      const place = placeOf(child, index)
      lastEnd = endOf(tape, child + toValue)
      if (!isRemoved(place)) {
        if (place !== undefined) walk(child + toValue, place)
      } else if (child < lastKept) replace(startOf(tape, child), startOf(tape, next), '')
      child = next
    }
    const cutFrom = lastKept < 0 ? startOf(tape, parent + 1) : endOf(tape, lastKept + toValue)
    if (cutFrom < lastEnd) replace(cutFrom, lastEnd, '')
  }

  return (scanned, start, end, target) => {
    tape = scanned
    sink = target
    from = start
    walk(0, root)
    sink.copy(tape.bytes, from, end)
  }
}

const anObject: Json = {}
const aList: Json = []

/** No mask looks into a list or an object: an empty one tells the type. */
function valueAt(tape: JsonTape, node: number): Json {
  const value = scalarOf(tape, node, nearestNumber)
  if (value !== undefined) return value
  return kindOf(tape, node) === kinds.list ? aList : anObject
}
