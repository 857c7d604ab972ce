/** How OPA's values lie in a module's memory, in 32-bit words: what is written there without OPA's own parser, and a check that a module has them so. */
import type { Address } from './abi.ts'

export const valueTypes = { null: 1, boolean: 2, number: 3, string: 4, array: 5, object: 6 } as const
/** Values that OPA keeps for good have types of their own, and are otherwise the same. */
const keptTypes = new Map([
  [8, valueTypes.string],
  [9, valueTypes.boolean],
])
/** In the second byte of a number: its value in 64 bits, or its text. */
export const numberForms = { integer: 1, text: 2 } as const

/** Words of a value or of a part of one, counted from where it begins. */
export const words = {
  string: { length: 1, bytes: 2, size: 3 },
  number: { value: 2, textBytes: 2, textLength: 3, size: 6 },
  array: { items: 1, length: 2, capacity: 3, size: 4 },
  item: { index: 0, value: 1, size: 2 },
  object: { buckets: 1, bucketCount: 2, length: 3, size: 4 },
  member: { key: 0, value: 1, next: 2, size: 3 },
} as const

/** One of each kind, and objects that have grown, with keys that share a bucket. */
export const sampleOfValues = JSON.stringify({
  '': [null, true, false, '', 'text', 'é😀', 'a "quoted" \\ line\n', { one: 1 }, [], {}],
  numbers: [0, -0.5, 7, -7, 999_999_999, -999_999_999, 12_345_678_901, 1e30, 0.1],
  list: Array.from({ length: 30 }, (_, index) => index),
  few: Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`f${index}`, index])),
  more: Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`m${index}`, index])),
  many: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key ${index}`, `value ${index}`])),
})

/** Whether two values in this memory are the same, and lie there alike in everything that can be told from them. */
export function lieAlike(memory: Buffer, left: Address, right: Address): boolean {
  const at = (address: Address, word: number) => memory.readInt32LE(address + 4 * word)
  const textAt = (bytes: Address, length: number) => memory.toString('latin1', bytes, bytes + length)

  function isInside(address: Address): boolean {
    return address > 0 && address + 4 * words.number.size <= memory.length
  }

  function typeOf(value: Address): number {
    const type = memory[value]!
    return keptTypes.get(type) ?? type
  }

  function textOf(value: Address): string {
    return textAt(at(value, words.string.bytes), at(value, words.string.length))
  }

  function numeralOf(value: Address): string {
    if (memory[value + 1] === numberForms.integer) return String(memory.readBigInt64LE(value + 4 * words.number.value))
    return textAt(at(value, words.number.textBytes), at(value, words.number.textLength))
  }

  function sameItems(a: Address, b: Address): boolean {
    const length = at(a, words.array.length)
    if (length !== at(b, words.array.length)) return false
    const [itemsA, itemsB] = [at(a, words.array.items), at(b, words.array.items)]
    for (let index = 0; index < length; index++)
      for (const part of [words.item.index, words.item.value]) {
        const word = index * words.item.size + part
        if (!same(at(itemsA, word), at(itemsB, word))) return false
      }
    return true
  }

  function sameMembers(a: Address, b: Address): boolean {
    const buckets = at(a, words.object.bucketCount)
    if (buckets !== at(b, words.object.bucketCount)) return false
    if (at(a, words.object.length) !== at(b, words.object.length)) return false
    const [bucketsA, bucketsB] = [at(a, words.object.buckets), at(b, words.object.buckets)]
    for (let bucket = 0; bucket < buckets; bucket++) {
      let [memberA, memberB] = [at(bucketsA, bucket), at(bucketsB, bucket)]
      for (; memberA !== 0 && memberB !== 0; ) {
        if (!isInside(memberA) || !isInside(memberB)) return false
        for (const part of [words.member.key, words.member.value])
          if (!same(at(memberA, part), at(memberB, part))) return false
        memberA = at(memberA, words.member.next)
        memberB = at(memberB, words.member.next)
      }
      if (memberA !== memberB) return false
    }
    return true
  }

  function same(a: Address, b: Address): boolean {
    if (!isInside(a) || !isInside(b) || typeOf(a) !== typeOf(b)) return false
    switch (typeOf(a)) {
      case valueTypes.null:
        return true
      case valueTypes.boolean:
        return memory[a + 1] === memory[b + 1]
      case valueTypes.number:
        return numeralOf(a) === numeralOf(b)
      case valueTypes.string:
        return textOf(a) === textOf(b)
      case valueTypes.array:
        return sameItems(a, b)
      case valueTypes.object:
        return sameMembers(a, b)
      default:
        return false
    }
  }

  try {
    return same(left, right)
  } catch (error) {
    // an address that lies outside
    if (error instanceof RangeError) return false
    throw error
  }
}
