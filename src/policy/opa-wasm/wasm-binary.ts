/** WebAssembly's binary format, as far as a module is taken apart and put together again. */
import { PortcullisError } from '../../domain/errors.ts'

const specialOpcode = 254
const invalidOpcode = 255

export type BinaryReader = {
  at(): number
  done(): boolean
  byte(): number
  /** Passes over numbers of any signedness. */
  skipNumbers(count: number): void
  unsigned(): number
  take(length: number): Uint8Array
  skip(length: number): void
}

export function createBinaryReader(bytes: Uint8Array, start = 0): BinaryReader {
  let at = start

  function byte(): number {
    const value = bytes[at++]
    if (value === undefined) throw unreadable()
    return value
  }

  function skip(length: number): void {
    if (at + length > bytes.length) throw unreadable()
    at += length
  }

  return {
    at: () => at,
    done: () => at >= bytes.length,
    byte,
    skipNumbers(count) {
      for (let left = count; left > 0; left--) while (byte() >= 0x80);
    },
    unsigned() {
      let value = 0
      for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
        const next = byte()
        value += (next & 0x7f) * factor
        if (next < 0x80) return value
      }
      throw unreadable()
    },
    take(length) {
      skip(length)
      return bytes.subarray(at - length, at)
    },
    skip,
  }
}

/** One number, without a reader of its own. */
export function unsignedAt(bytes: Uint8Array, start: number): number {
  let value = 0
  for (let at = start, shift = 0; shift < 32; at++, shift += 7) {
    const next = bytes[at]!
    value |= (next & 0x7f) << shift
    if (next < 0x80) return value >>> 0
  }
  throw unreadable()
}

export function unsigned(value: number): Uint8Array {
  const bytes: number[] = []
  let left = value
  do {
    const low = left & 0x7f
    left >>>= 7
    bytes.push(left === 0 ? low : low | 0x80)
  } while (left !== 0)
  return Uint8Array.from(bytes)
}

/** Writes a number at a place. @returns where what follows it begins */
export function writeUnsigned(out: Uint8Array, start: number, value: number): number {
  let at = start
  for (let left = value; ; left >>>= 7) {
    out[at++] = left > 0x7f ? (left & 0x7f) | 0x80 : left
    if (left <= 0x7f) return at
  }
}

export function section(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(id), unsigned(lengthOf(parts)), ...parts])
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0)
}

/** LEB128 numbers that follow an opcode, of WebAssembly 2.0 without vectors: what LLVM and OPA's compiler emit. */
const numbersAfter = new Uint8Array(256).fill(invalidOpcode)
for (const opcode of [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1]) numbersAfter[opcode] = 0
for (const opcode of [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2]) numbersAfter[opcode] = 1
numbersAfter[0x11] = 2
numbersAfter.fill(1, 0x20, 0x27)
numbersAfter.fill(2, 0x28, 0x3f)
numbersAfter.fill(0, 0x45, 0xc5)
for (const opcode of [0x0e, 0x1c, 0x43, 0x44, 0xfc]) numbersAfter[opcode] = specialOpcode

/** Where the next instruction begins, `at` being behind the opcode of this one. @throws bundle.corrupt */
export function skipImmediates(bytes: Uint8Array, at: number, opcode: number): number {
  const count = numbersAfter[opcode]!
  return count < specialOpcode ? skipNumbers(bytes, at, count) : skipSpecial(bytes, at, opcode)
}

/** Passes over numbers of any signedness. */
export function skipNumbers(bytes: Uint8Array, at: number, count: number): number {
  let next = at
  for (let left = count; left > 0; left--) while (bytes[next++]! >= 0x80);
  return next
}

function skipSpecial(bytes: Uint8Array, at: number, opcode: number): number {
  switch (opcode) {
    case 0x0e:
      return skipNumbers(bytes, skipNumbers(bytes, at, 1), unsignedAt(bytes, at) + 1)
    case 0x1c:
      return skipNumbers(bytes, skipNumbers(bytes, at, 1), unsignedAt(bytes, at))
    case 0x43:
      return at + 4
    case 0x44:
      return at + 8
    case 0xfc: {
      const numbers = bulkImmediates[unsignedAt(bytes, at)]
      if (numbers === undefined) throw unreadable()
      return skipNumbers(bytes, skipNumbers(bytes, at, 1), numbers)
    }
    default:
      throw unreadable()
  }
}

const bulkImmediates = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]

export function unreadable(): PortcullisError {
  return new PortcullisError('bundle.corrupt', {
    message: 'The policy bundle is corrupt: policy.wasm: not a module as OPA compiles them.',
  })
}
