/** A module's functions: where loops begin in them, whom they call, and which of them have to be counted. */
import { skipImmediates, skipNumbers, unsignedAt } from './wasm-binary.ts'

/** Calls that may go uncounted between two that are counted. */
const callsUncountedMax = 1_000
/** Nesting of uncounted calls. */
const nestingUncountedMax = 1_000

export type Body = {
  readonly start: number
  readonly end: number
  /** Where the code begins. */
  readonly entry: number
  /** Where loops begin that call or hold a loop. */
  readonly loops: readonly number[]
  /** Whom it calls outside of those loops. */
  readonly callees: readonly number[]
  readonly callsIndirectly: boolean
}

/** Reads functions one after the other; a module has a thousand, so what reading needs is made once. */
export function createBodyReader(code: Uint8Array): (start: number, end: number) => Body {
  /** For each block that is open: its loop's number, or -1. */
  const open: number[] = []
  /** Where each loop begins, and whether it calls or holds a loop. */
  const starts: number[] = []
  const composed: boolean[] = []
  let loopsOpen = 0

  function compose(): void {
    for (let index = 0; index < open.length; index++) {
      const loop = open[index]!
      if (loop >= 0) composed[loop] = true
    }
  }

  function loopsFound(): readonly number[] {
    if (starts.length === 0) return none
    const found = starts.filter((_, index) => composed[index])
    starts.length = 0
    composed.length = 0
    return found
  }

  return (start, end) => {
    const entry = skipNumbers(code, start, 1 + 2 * unsignedAt(code, start))
    let callees: number[] | undefined
    let callsIndirectly = false
    for (let at = entry; at < end; ) {
      const opcode = code[at++]!
      const from = at
      at = skipImmediates(code, at, opcode)
      switch (opcode) {
        case 0x10:
        case 0x11:
          if (opcode === 0x11) callsIndirectly = true
          else if (loopsOpen === 0) {
            callees ??= []
            callees.push(unsignedAt(code, from))
          }
          if (loopsOpen > 0) compose()
          break
        case 0x03:
          if (loopsOpen > 0) compose()
          open.push(starts.push(at) - 1)
          composed.push(false)
          loopsOpen++
          break
        case 0x02:
        case 0x04:
          open.push(-1)
          break
        case 0x0b:
          if ((open.pop() ?? -1) >= 0) loopsOpen--
          break
        default:
      }
    }
    open.length = 0
    loopsOpen = 0
    return { start, end, entry, loops: loopsFound(), callees: callees ?? none, callsIndirectly }
  }
}

const none: readonly number[] = []

export const absentBody = { start: 0, end: 0, callees: none, callsIndirectly: false }

/** Functions to be counted so that nothing can call for long without being counted: those that reach themselves, and those that reach too many. */
export function countedFunctions(bodies: readonly Body[], imported: number): ReadonlySet<number> {
  const counted = new Set<number>()
  const costs = new Map<number, number>()
  const visiting = new Set<number>()

  function costOf(index: number): number {
    const known = costs.get(index)
    if (known !== undefined) return known
    if (visiting.has(index) || visiting.size >= nestingUncountedMax) {
      counted.add(index)
      return 0
    }
    visiting.add(index)
    const { callees, callsIndirectly } = bodies[index] ?? absentBody
    let cost = 0
    for (const callee of callees) cost += 1 + (callee < imported ? 0 : costOf(callee - imported))
    visiting.delete(index)
    if (callsIndirectly || cost > callsUncountedMax) counted.add(index)
    const own = counted.has(index) ? 0 : cost
    costs.set(index, own)
    return own
  }

  for (const index of bodies.keys()) costOf(index)
  return counted
}
