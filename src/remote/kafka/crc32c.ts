/** CRC-32C (Castagnoli), four bytes at a step. */

const polynomial = 0x82f63b78
const tables = makeTables()

export function crc32c(bytes: Uint8Array): number {
  const [first, second, third, fourth] = tables
  const whole = bytes.length - (bytes.length % 4)
  let crc = 0xffffffff
  for (let at = 0; at < whole; at += 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc = fourth[crc & 0xff]! ^ third[(crc >>> 8) & 0xff]! ^ second[(crc >>> 16) & 0xff]! ^ first[crc >>> 24]!
  }
  for (let at = whole; at < bytes.length; at++) crc = first[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

function makeTables(): readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
  const after = (table: Uint32Array) => table.map((crc) => first[crc & 0xff]! ^ (crc >>> 8))
  const second = after(first)
  const third = after(second)
  return [first, second, third, after(third)]
}
