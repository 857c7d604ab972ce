/** The one order of listings: ids by their UTF-8 bytes, as object stores list their keys. */

/** Negative, 0 or positive. */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)]
    // surrogates lie below U+E000 in UTF-16, and above everything in UTF-8
    if (left !== right) return inUtf8(left) - inUtf8(right)
  }
  return a.length - b.length
}

function inUtf8(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
