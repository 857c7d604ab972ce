/** AssemblyScript: the paths of facts, followed step by step as the writer comes to names and items. */

/** Of the table of names: where the name's bytes begin, counted from the table, how many they are, and which item of a list it is. */
const nameBytes: u32 = 12

/** Steps of facts are bits: the table has a name for each, but for those that are `*` or `**` and for the ends of paths. */
let names: u32 = 0
let anySteps: u32 = 0
let deepSteps: u32 = 0
let endSteps: u32 = 0

/** For the next text, the steps that may follow in it. */
export function follow(table: u32, any: u32, deep: u32, ends: u32): void {
  names = table
  anySteps = any
  deepSteps = deep
  endSteps = ends
}

/** What `**` is followed by leads on from here, too. */
export function withDeeper(steps: u32): u32 {
  return steps | ((steps & deepSteps) << 1)
}

/** Those with which a path ends. */
export function endsOf(steps: u32): u32 {
  return steps & endSteps
}

/** Steps that lead on from a member of this name. */
export function below(steps: u32, name: u32): u32 {
  let next = unnamed(steps)
  for (let left = steps & ~(deepSteps | anySteps); left !== 0; left &= left - 1) {
    const wanted = names + nameBytes * ctz(left)
    if (isName(wanted, load<u32>(name, 8), load<u32>(name, 4))) next |= (left & (0 - left)) << 1
  }
  return next
}

export function belowItem(steps: u32, index: u32): u32 {
  let next = unnamed(steps)
  for (let left = steps & ~(deepSteps | anySteps); left !== 0; left &= left - 1)
    if (load<u32>(names + nameBytes * ctz(left), 8) === index) next |= (left & (0 - left)) << 1
  return next
}

/** `**` leads on to all that is below, and `*` one step. */
function unnamed(steps: u32): u32 {
  return (steps & deepSteps) | ((steps & anySteps) << 1)
}

function isName(wanted: u32, bytes: u32, length: u32): bool {
  if (load<u32>(wanted, 4) !== length) return false
  const expected = names + load<u32>(wanted)
  for (let index: u32 = 0; index < length; index++)
    if (load<u8>(expected + index) !== load<u8>(bytes + index)) return false
  return true
}
