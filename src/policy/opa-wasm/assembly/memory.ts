/** AssemblyScript: takes what lies free in a policy's memory, in blocks as OPA's allocator has them. */

/** What the host does: more memory, where `top` lies beyond it (answers its new end). */
declare function grow(top: u32): u32

/** What stands before each value: the size of its block and two links, for when it is freed. */
const headerBytes: u32 = 12
/** OPA's kinds of blocks; of those from the largest on, each has its own size. */
export const blockTiny: u32 = 4
export const blockSmall: u32 = 8
export const blockMedium: u32 = 16
const blockLarge: u32 = 64
const blockAny: u32 = 128

/** The first free byte, and the end of memory. */
let top: u32 = 0
let end: u32 = 0

/** Begins at `free`; `limit` is the end of memory. */
export function begin(free: u32, limit: u32): void {
  top = free
  end = limit
}

/** The first byte that is free after writing. */
export function free(): u32 {
  return top
}

export function reserve(bytes: u32): u32 {
  const start = top
  top = start + bytes
  if (top >= end) end = grow(top)
  return start
}

/** `block` is the largest kind of block that so many bytes are enough for. */
export function allocate(bytes: u32, block: u32): u32 {
  const start = reserve(headerBytes + bytes)
  store<u32>(start, block)
  store<u64>(start + 4, 0)
  return start + headerBytes
}

export function blockOf(bytes: u32): u32 {
  if (bytes >= blockAny) return bytes
  return bytes >= blockLarge ? blockLarge : bytes >= blockMedium ? blockMedium : blockSmall
}
