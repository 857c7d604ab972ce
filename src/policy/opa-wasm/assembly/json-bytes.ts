/** AssemblyScript: the bytes that JSON is made of. */

export const quote: u32 = 0x22
export const comma: u32 = 0x2c
export const minus: u32 = 0x2d
export const plus: u32 = 0x2b
export const dot: u32 = 0x2e
export const colon: u32 = 0x3a
export const backslash: u32 = 0x5c
export const openArray: u32 = 0x5b
export const closeArray: u32 = 0x5d
export const openObject: u32 = 0x7b
export const closeObject: u32 = 0x7d
export const zero: u32 = 0x30
export const space: u32 = 0x20

export function isExponent(next: u32): bool {
  return (load<u8>(next) | 0x20) === 0x65
}

/** 0 where there is no digit. */
export function pastDigits(from: u32): u32 {
  let next = from
  while (u32(load<u8>(next)) - zero <= 9) next++
  return next > from ? next : 0
}
