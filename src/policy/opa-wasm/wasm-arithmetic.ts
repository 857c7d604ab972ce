/**
 * Sums, differences and products of small whole numbers, in which OPA's own functions go through decimals of any length: code to put before theirs, which answers
 * where both operands are small and whole, and lets all else through.
 */
import { createBinaryReader, unsigned } from './wasm-binary.ts'

/**
 * OPA's functions that make numbers, but for whom they call: 24 bytes, of which the first says that it is a number (3) and the second in which form. Integers (1) have their value from the ninth
 * byte on; texts (2) have the address of their characters there, and then how many. Where they are compiled otherwise, numbers may lie otherwise, and nothing is put before anything.
 */
const makers: Readonly<Record<string, RegExp>> = {
  opa_number_int: /^01017f411810[0-9a-f]{10}2201200037030820014183023b010020010b$/u,
  opa_number_ref: /^01017f411810[0-9a-f]{10}220241003a00102002200136020c2002200036020820024183043b010020020b$/u,
}

type Operation = {
  readonly opcode: number
  /** Both operands are at least -2^bits and less than 2^bits. All results are then less than 10^9, up to which OPA takes a number for the same key as its text. */
  readonly bits: number
}

const operations: Readonly<Record<string, Operation>> = {
  opa_arith_plus: { opcode: 0x7c, bits: 28 },
  opa_arith_minus: { opcode: 0x7d, bits: 28 },
  opa_arith_multiply: { opcode: 0x7e, bits: 14 },
}

const functionNames = 1
const nameMax = Math.max(...[...Object.keys(makers), ...Object.keys(operations)].map(({ length }) => length))

/** What `wholeFunction` takes and gives. */
export const wholeFunctionType = Uint8Array.of(0x60, 1, 0x7f, 1, 0x7e)

/** Given a value's address, the value of a small whole number: of an integer, or of a text of at most nine digits; for all else 2^62. */
export const wholeFunction = Uint8Array.from([
  // locals: 1 the next character, 2 the end of the text, 3 the sum so far
  ...[2, 2, 0x7f, 1, 0x7e],
  // if it begins with an integer's two bytes, return its value
  ...[0x20, 0, 0x2f, 1, 0, 0x41, 0x83, 0x02, 0x46, 0x04, 0x40, 0x20, 0, 0x29, 3, 8, 0x0f, 0x0b],
  // out of this block with all that does not begin with a text's
  ...[0x02, 0x40, 0x20, 0, 0x2f, 1, 0, 0x41, 0x83, 0x04, 0x47, 0x0d, 0],
  // next = text; end = next + length; out if length - 1 is beyond 8, without sign
  ...[0x20, 0, 0x28, 2, 8, 0x22, 1, 0x20, 0, 0x28, 2, 12, 0x6a, 0x21, 2],
  ...[0x20, 0, 0x28, 2, 12, 0x41, 1, 0x6b, 0x41, 8, 0x4b, 0x0d, 0],
  // loop: out if the character is no digit
  ...[0x03, 0x40, 0x20, 1, 0x2d, 0, 0, 0x41, 0x30, 0x6b, 0x41, 9, 0x4b, 0x0d, 1],
  // sum = 10 sum + digit
  ...[0x20, 3, 0x42, 10, 0x7e, 0x20, 1, 0x31, 0, 0, 0x42, 0x30, 0x7d, 0x7c, 0x21, 3],
  // until next = end; return sum
  ...[0x20, 1, 0x41, 1, 0x6a, 0x22, 1, 0x20, 2, 0x49, 0x0d, 0, 0x0b, 0x20, 3, 0x0f, 0x0b],
  ...[0x42, ...powerOfTwo(62), 0x0b],
])

/**
 * By a function's number, what to put at its beginning. None for a module without names.
 * @param names the custom section `name`, behind that word
 * @param bodyOf a function's locals and code
 * @param whole the number that `wholeFunction` will have
 */
export function arithmeticPrologues(
  names: Uint8Array,
  bodyOf: (index: number) => Uint8Array,
  whole: number,
): ReadonlyMap<number, Uint8Array> {
  const numbers = namedFunctions(names)
  const isAsKnown = Object.entries(makers).every(([name, body]) => {
    const index = numbers.get(name)
    return index !== undefined && body.test(Buffer.from(bodyOf(index)).toString('hex'))
  })
  if (!isAsKnown) return new Map()
  return new Map(
    Object.entries(operations).flatMap(([name, operation]) => {
      const index = numbers.get(name)
      return index === undefined ? [] : [[index, prologueOf(operation, whole, numbers.get('opa_number_int')!)] as const]
    }),
  )
}

/** Those that matter here. */
function namedFunctions(names: Uint8Array): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  const read = createBinaryReader(names)
  while (!read.done()) {
    const id = read.byte()
    const length = read.unsigned()
    if (id !== functionNames) {
      read.skip(length)
      continue
    }
    for (let left = read.unsigned(); left > 0; left--) {
      const index = read.unsigned()
      const bytes = read.take(read.unsigned())
      // most are the policy's own, and longer
      if (bytes.length > nameMax) continue
      const name = Buffer.from(bytes).toString('latin1')
      if (Object.hasOwn(makers, name) || Object.hasOwn(operations, name)) numbers.set(name, index)
    }
  }
  return numbers
}

function prologueOf({ opcode, bits }: Operation, whole: number, integer: number): Uint8Array {
  const call = (index: number) => [0x10, ...unsigned(index)]
  const value = (local: number) => [0x20, local, ...call(whole)]
  const shifted = (local: number) => [...value(local), 0x42, ...powerOfTwo(bits), 0x7c]
  return Uint8Array.from([
    // if neither value, shifted up by 2^bits, has a bit above
    ...[...shifted(0), ...shifted(1), 0x84, 0x42, bits + 1, 0x88, 0x50, 0x04, 0x40],
    // return opa_number_int(left operation right)
    ...[...value(0), ...value(1), opcode, ...call(integer), 0x0f, 0x0b],
  ])
}

/** In signed LEB128. */
function powerOfTwo(bits: number): readonly number[] {
  const last = 1 << (bits % 7)
  // the last byte's seventh bit is the sign
  return [...Array<number>(Math.floor(bits / 7)).fill(0x80), ...(last === 0x40 ? [0xc0, 0] : [last])]
}
