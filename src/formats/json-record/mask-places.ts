/** Masks by the place they lead to: the tree that a record is walked along with. */
import type { Mask } from '../../domain/decision.ts'
import { isIndex, parsePointer } from '../../domain/json-pointer.ts'
import { type Name, nameOf } from './json-tape.ts'

export type MaskPlace = {
  /** To be carried out here; nothing lies below then. */
  mask: Mask | undefined
  readonly members: { readonly name: Name; readonly index: number; readonly place: MaskPlace }[]
  /** Below every item of a list. */
  each: MaskPlace | undefined
  /** Whether a list can be here: all that lies below are items. */
  fitsList: boolean
  /** Whether an object can be here. */
  fitsObject: boolean
  /** Whether a child is removed. */
  removes: boolean
}

export function maskPlaces(masks: readonly Mask[]): MaskPlace {
  const root = emptyPlace()
  for (const mask of masks) {
    const place = parsePointer(mask.path).reduce(childPlace, root)
    place.mask = place.mask === undefined ? mask : { path: mask.path, action: 'null' }
  }
  settle(root)
  return root
}

/** Where two masks meet on one item, by its number and by `*`. */
export const nullPlace: MaskPlace = { ...emptyPlace(), mask: { path: '/*', action: 'null' } }

export function isRemoved(place: MaskPlace | undefined): boolean {
  return place?.mask?.action === 'remove'
}

function emptyPlace(): MaskPlace {
  return { mask: undefined, members: [], each: undefined, fitsList: true, fitsObject: true, removes: false }
}

function childPlace(parent: MaskPlace, segment: string): MaskPlace {
  if (segment === '*') return (parent.each ??= emptyPlace())
  const known = parent.members.find(({ name }) => name.text === segment)
  if (known !== undefined) return known.place
  const place = emptyPlace()
  parent.members.push({ name: nameOf(segment), index: isIndex(segment) ? Number(segment) : -1, place })
  return place
}

function settle(place: MaskPlace): void {
  const below = [...place.members.map((member) => member.place), ...(place.each === undefined ? [] : [place.each])]
  place.fitsList = place.members.every(({ index }) => index >= 0)
  place.fitsObject = place.each === undefined
  place.removes = below.some(isRemoved)
  for (const child of below) settle(child)
}
