/** WebAssembly's binary format, as far as a module is taken apart and put together again. */
import { PortcullisError } from '../../domain/errors.ts'

export type BinaryReader = {
  at(): number
  done(): boolean
  byte(): number
  /** Passes over numbers of any signedness. */
  skipNumbers(count: number): void
  unsigned(): number
  take(length: number): Uint8Array
}

export function createBinaryReader(bytes: Uint8Array): BinaryReader {
  let at = 0

  function byte(): number {
    const value = bytes[at++]
    if (value === undefined) throw unreadable()
    return value
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
      if (at + length > bytes.length) throw unreadable()
      at += length
      return bytes.subarray(at - length, at)
    },
  }
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

export function section(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(id), unsigned(lengthOf(parts)), ...parts])
}

export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0)
}

/** Immediates of WebAssembly 2.0 without vectors: what LLVM and OPA's compiler emit. @throws bundle.corrupt for any other instruction */
export function skipImmediates(read: BinaryReader, opcode: number): void {
  read.skipNumbers(numbersAfter(read, opcode))
}

function numbersAfter(read: BinaryReader, opcode: number): number {
  if (opcode >= 0x45 && opcode <= 0xc4) return 0
  if (opcode >= 0x28 && opcode <= 0x3e) return 2
  if (opcode >= 0x20 && opcode <= 0x26) return 1
  switch (opcode) {
    case 0x00:
    case 0x01:
    case 0x05:
    case 0x0b:
    case 0x0f:
    case 0x1a:
    case 0x1b:
    case 0xd1:
      return 0
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x3f:
    case 0x40:
    case 0x41:
    case 0x42:
    case 0xd0:
    case 0xd2:
      return 1
    case 0x11:
      return 2
    case 0x0e:
      return read.unsigned() + 1
    case 0x1c:
      return read.unsigned()
    case 0x43:
      read.take(4)
      return 0
    case 0x44:
      read.take(8)
      return 0
    case 0xfc: {
      const numbers = bulkImmediates[read.unsigned()]
      if (numbers === undefined) throw unreadable()
      return numbers
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
