/** Go's fmt.Sprintf, for the four kinds of argument that OPA hands to it. */
import { type Flags, type FormatArg, formatArg, goType, noFlags } from './go-format-args.ts'

/** Go refuses widths and precisions beyond this. */
const widthMax = 1_000_000

export function goSprintf(format: string, args: readonly FormatArg[]): string {
  const characters = [...format]
  let out = ''
  let next = 0
  let at = 0
  let reordered = false
  let goodIndex = true
  let afterIndex = false

  /** `[n]`: which argument comes next. */
  function index(): void {
    afterIndex = false
    if (characters[at] !== '[') return
    reordered = true
    const close = characters.indexOf(']', at)
    const inside = close < 0 ? '' : characters.slice(at + 1, close).join('')
    const number = /^[0-9]+$/.test(inside) ? Number(inside) : undefined
    at = close < 0 ? at + 1 : close + 1
    if (number !== undefined && number <= widthMax) afterIndex = true
    if (number !== undefined && number >= 1 && number <= args.length) next = number - 1
    else goodIndex = false
  }

  function digits(): number | undefined {
    let text = ''
    while (at < characters.length && /[0-9]/.test(characters[at]!)) text += characters[at++]
    return text === '' || Number(text) > widthMax ? undefined : Number(text)
  }

  /** `*`: the next argument is the width or the precision. */
  function star(): number | undefined {
    at++
    const arg = args[next]
    if (arg === undefined) return undefined
    next++
    if (arg.type !== 'integer') return undefined
    const value = Number(arg.value)
    return Math.abs(value) > widthMax ? undefined : value
  }

  function width(flags: Flags): void {
    if (characters[at] !== '*') {
      flags.width = digits()
      if (afterIndex && flags.width !== undefined) goodIndex = false
      return
    }
    flags.width = star()
    if (flags.width === undefined) out += '%!(BADWIDTH)'
    else if (flags.width < 0) {
      flags.width = -flags.width
      flags.minus = true
      flags.zero = false
    }
    afterIndex = false
  }

  function precision(flags: Flags): void {
    if (at + 1 >= characters.length || characters[at] !== '.') return
    at++
    if (afterIndex) goodIndex = false
    index()
    if (characters[at] !== '*') {
      flags.precision = digits() ?? 0
      return
    }
    flags.precision = star()
    if (flags.precision === undefined || flags.precision < 0) {
      out += '%!(BADPREC)'
      flags.precision = undefined
    }
    afterIndex = false
  }

  function verb(flags: Flags): void {
    const letter = characters[at++]
    if (letter === undefined) out += '%!(NOVERB)'
    else if (letter === '%') out += '%'
    else if (!goodIndex) out += `%!${letter}(BADINDEX)`
    else if (next >= args.length) out += `%!${letter}(MISSING)`
    else {
      if (letter === 'v') {
        flags.sharpV = flags.sharp
        flags.sharp = false
        flags.plus = false
      }
      out += formatArg(args[next++]!, letter, flags)
    }
  }

  while (at < characters.length) {
    const percent = characters.indexOf('%', at)
    if (percent < 0) {
      out += characters.slice(at).join('')
      break
    }
    out += characters.slice(at, percent).join('')
    at = percent + 1
    goodIndex = true
    afterIndex = false
    const flags = readFlags()
    index()
    width(flags)
    precision(flags)
    if (!afterIndex) index()
    verb(flags)
  }

  function readFlags(): Flags {
    const flags = noFlags()
    for (; at < characters.length; at++) {
      if (characters[at] === '#') flags.sharp = true
      else if (characters[at] === '0') flags.zero = true
      else if (characters[at] === '+') flags.plus = true
      else if (characters[at] === '-') flags.minus = true
      else if (characters[at] === ' ') flags.space = true
      else break
    }
    return flags
  }

  if (!reordered && next < args.length) {
    const extra = args.slice(next).map((arg) => `${goType(arg)}=${formatArg(arg, 'v', noFlags())}`)
    out += `%!(EXTRA ${extra.join(', ')})`
  }
  return out
}
