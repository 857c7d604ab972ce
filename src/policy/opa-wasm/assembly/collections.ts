/** AssemblyScript: lays out objects and arrays as OPA does, of members and items that lie in memory already. */

import { allocate, blockMedium, blockOf, blockSmall } from './memory.ts'

/** Of the header: the first link, and the second. They are free for notes until the value is whole. */
const firstNote: u32 = 8
const secondNote: u32 = 4

/** Members of one bucket that another is compared with: keys chosen to share a bucket are the parser's, which a time limit holds for. */
const comparedMax: u32 = 32
const bucketsMin: u32 = 8
const bucketsShare: f64 = 0.7
const typeInteger: u32 = 0x103
const typeArray: u32 = 5
const typeObject: u32 = 6

export function integer(whole: i32): u32 {
  const address = allocate(24, blockMedium)
  store<u32>(address, typeInteger)
  store<i64>(address, i64(whole), 8)
  return address
}

/** A link with the hash as its note; for now, its next is the member before it. */
export function member(name: u32, content: u32, nameHash: u32, before: u32): u32 {
  const address = allocate(12, blockSmall)
  store<u32>(address, name)
  store<u32>(address, content, 4)
  store<u32>(address, before, 8)
  store<u32>(address - firstNote, nameHash)
  return address
}

export function objectOf(last: u32, count: u32): u32 {
  let buckets = bucketsMin
  while (f64(count) > f64(buckets) * bucketsShare) buckets *= 2
  const first = allocate(4 * buckets, blockOf(4 * buckets))
  memory.fill(first, 0, 4 * buckets)
  for (let link = last; link !== 0; ) {
    const before = load<u32>(link, 8)
    const bucket = load<u32>(link - firstNote) & (buckets - 1)
    store<u32>(link - firstNote, 0)
    if (!insert(first + 4 * bucket, link)) return 0
    link = before
  }
  const address = allocate(16, blockMedium)
  store<u32>(address, typeObject)
  store<u32>(address, first, 4)
  store<u32>(address, buckets, 8)
  store<u32>(address, count, 12)
  return address
}

/** In its bucket, members are in the order of their keys. `place` is where the address of the next one lies. */
function insert(bucket: u32, link: u32): bool {
  let place = bucket
  let next = load<u32>(place)
  for (let compared: u32 = 0; next !== 0; compared++) {
    const order = compared < comparedMax ? compare(load<u32>(link), load<u32>(next)) : 0
    if (order === 0) return false
    if (order < 0) break
    place = next + 8
    next = load<u32>(place)
  }
  store<u32>(link, next, 8)
  store<u32>(place, link)
  return true
}

function compare(left: u32, right: u32): i32 {
  const leftLength = load<u32>(left, 4)
  const rightLength = load<u32>(right, 4)
  const leftBytes = load<u32>(left, 8)
  const rightBytes = load<u32>(right, 8)
  const shorter = min(leftLength, rightLength)
  for (let index: u32 = 0; index < shorter; index++) {
    const order = i32(load<u8>(leftBytes + index)) - i32(load<u8>(rightBytes + index))
    if (order !== 0) return order
  }
  return i32(leftLength) - i32(rightLength)
}

/** An item's index, with the item and the position before it as its notes. */
export function position(index: u32, content: u32, before: u32): u32 {
  const address = integer(index)
  store<u32>(address - firstNote, content)
  store<u32>(address - secondNote, before)
  return address
}

export function arrayOf(last: u32, count: u32): u32 {
  const items = count === 0 ? 0 : allocate(8 * count, blockOf(8 * count))
  let item = items + 8 * count
  for (let index = last; index !== 0; ) {
    item -= 8
    store<u32>(item, index)
    store<u32>(item, load<u32>(index - firstNote), 4)
    const before = load<u32>(index - secondNote)
    store<u32>(index - firstNote, 0)
    store<u32>(index - secondNote, 0)
    index = before
  }
  const address = allocate(16, blockMedium)
  store<u32>(address, typeArray)
  store<u32>(address, items, 4)
  store<u32>(address, count, 8)
  store<u32>(address, count, 12)
  return address
}
