/** Some characters of a text stay, each other becomes the fill. Characters are code points. */
import { isCount, type MaskAction } from './mask-action.ts'

/** Characters of a fill: a text grows by no more than this. */
export const fillLengthMax = 32

const sides = ['keepFirst', 'keepLast', 'maskFirst', 'maskLast'] as const

export const partialAction: MaskAction<'partial'> = {
  action: 'partial',
  parameters: [...sides, 'fill'],

  parse(path, parameters) {
    const { fill } = parameters
    if (typeof fill !== 'string' || fill.length > fillLengthMax || !fill.isWellFormed()) return undefined
    const given = sides.filter((side) => parameters[side] !== undefined)
    if (given.length === 0 || !given.every((side) => isCount(parameters[side]))) return undefined
    return { path, action: 'partial', ...Object.fromEntries(given.map((side) => [side, parameters[side]])), fill }
  },

  apply({ keepFirst, keepLast, maskFirst = 0, maskLast = 0, fill }, value) {
    if (typeof value !== 'string') return null
    const characters = Array.from(value)
    const { length } = characters
    const keeps = keepFirst !== undefined || keepLast !== undefined
    const stays = (index: number) =>
      index >= maskFirst &&
      index < length - maskLast &&
      (!keeps || index < (keepFirst ?? 0) || index >= length - (keepLast ?? 0))
    // a text so short that all of it would stay is hidden whole: a mask that changes nothing is none
    const hidesNone = characters.every((_, index) => stays(index))
    return characters.map((character, index) => (!hidesNone && stays(index) ? character : fill)).join('')
  },
}
