/**
 * Makes a module interruptible: loops and functions count down a budget, and where that is used up ask the host whether to go on. The host then sets a new
 * budget, or ends the evaluation by throwing. So a time limit needs no second thread, and holds for each evaluation, however it is called.
 * What neither calls nor holds a loop within itself goes uncounted: it ends in a time that grows with memory only.
 */
import {
  type BinaryReader,
  createBinaryReader,
  section,
  skipImmediates,
  skipNumbers,
  unreadable,
  unsigned,
  unsignedAt,
  writeUnsigned,
} from './wasm-binary.ts'

/** The exported global that counts down. */
export const budgetExport = 'portcullis_budget'
/** What `opa_abort` is called with to ask whether to go on; no message has this address. */
export const budgetAddress = -1
/** Calls that may go uncounted between two that are counted. */
const callsUncountedMax = 1_000
/** Of a number in LEB128. */
const numberBytesMax = 5
/** Nesting of uncounted calls. */
const nestingUncountedMax = 1_000

const sections = { import: 2, global: 6, export: 7, code: 10 } as const
/** A mutable i32 that starts at its maximum. */
const budgetGlobal = Uint8Array.of(0x7f, 1, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x0b)

/** @throws bundle.corrupt for what is not a module as OPA's compiler writes them */
export function meterModule(bytes: Uint8Array): Uint8Array {
  const read = createBinaryReader(bytes)
  if (Buffer.compare(read.take(8), Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])) !== 0) throw unreadable()
  const out: Uint8Array[] = [bytes.subarray(0, 8)]
  const seen = new Set<number>()
  let imports: Imports | undefined
  let budget = -1
  while (!read.done()) {
    const id = read.byte()
    const body = read.take(read.unsigned())
    seen.add(id)
    switch (id) {
      case sections.import:
        imports = importsOf(createBinaryReader(body))
        out.push(section(id, body))
        break
      case sections.global:
        budget = (imports?.globals ?? 0) + createBinaryReader(body).unsigned()
        out.push(appended(id, body, budgetGlobal))
        break
      case sections.export:
        if (budget < 0) throw unreadable()
        out.push(appended(id, body, exportOf(budget)))
        break
      case sections.code:
        if (budget < 0 || imports?.abort === undefined) throw unreadable()
        out.push(section(id, metered(body, imports.functions, probe(budget, imports.abort))))
        break
      default:
        out.push(section(id, body))
    }
  }
  for (const id of Object.values(sections)) if (!seen.has(id)) throw unreadable()
  return Buffer.concat(out)
}

type Imports = { readonly functions: number; readonly globals: number; readonly abort: number | undefined }

function importsOf(read: BinaryReader): Imports {
  let [functions, globals] = [0, 0]
  let abort: number | undefined
  for (let left = read.unsigned(); left > 0; left--) {
    read.take(read.unsigned())
    const name = Buffer.from(read.take(read.unsigned())).toString('latin1')
    switch (read.byte()) {
      case 0:
        if (name === 'opa_abort') abort = functions
        functions++
        read.unsigned()
        break
      case 2:
        read.skipNumbers(read.byte() % 2 === 1 ? 2 : 1)
        break
      case 3:
        globals++
        read.take(2)
        break
      default:
        throw unreadable()
    }
  }
  return { functions, globals, abort }
}

/** The section with one more item at its end, so that no other's number changes. */
function appended(id: number, body: Uint8Array, item: Uint8Array): Uint8Array {
  const read = createBinaryReader(body)
  const count = read.unsigned()
  return section(id, unsigned(count + 1), body.subarray(read.at()), item)
}

function exportOf(global: number): Uint8Array {
  const name = Buffer.from(budgetExport)
  return Buffer.concat([unsigned(name.length), name, Uint8Array.of(3), unsigned(global)])
}

/** `if (budget == 0) opa_abort(-1); budget -= 1` */
function probe(budget: number, abort: number): Uint8Array {
  const global = unsigned(budget)
  const ask = [
    Uint8Array.of(0x23),
    global,
    Uint8Array.of(0x45, 0x04, 0x40, 0x41, 0x7f, 0x10),
    unsigned(abort),
    Uint8Array.of(0x0b),
  ]
  const count = [Uint8Array.of(0x23), global, Uint8Array.of(0x41, 1, 0x6b, 0x24), global]
  return Buffer.concat([...ask, ...count])
}

/** The code section with probes in it, written in one go: pieces of a buffer cost more to make than to copy. */
function metered(code: Uint8Array, imported: number, inserted: Uint8Array): Uint8Array {
  const read = createBinaryReader(code)
  const bodyOf = createBodyReader(code)
  const bodies: Body[] = []
  for (let left = read.unsigned(); left > 0; left--) {
    const length = read.unsigned()
    const start = read.at()
    read.skip(length)
    bodies.push(bodyOf(start, read.at()))
  }
  const counted = countedFunctions(bodies, imported)
  let probes = counted.size
  for (const { loops } of bodies) probes += loops.length
  const out = Buffer.allocUnsafe(code.length + probes * inserted.length + (bodies.length + 1) * numberBytesMax)
  let at = writeUnsigned(out, 0, bodies.length)

  const source = Buffer.from(code.buffer, code.byteOffset, code.byteLength)
  const probe = Buffer.from(inserted)

  function copy(from: number, to: number): void {
    at += source.copy(out, at, from, to)
  }

  function insert(): void {
    at += probe.copy(out, at)
  }

  for (const [index, { start, end, entry, loops }] of bodies.entries()) {
    const isCounted = counted.has(index)
    at = writeUnsigned(out, at, end - start + (loops.length + (isCounted ? 1 : 0)) * inserted.length)
    let from = start
    if (isCounted) {
      copy(from, entry)
      insert()
      from = entry
    }
    for (const loop of loops) {
      copy(from, loop)
      insert()
      from = loop
    }
    copy(from, end)
  }
  return out.subarray(0, at)
}

type Body = {
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
function createBodyReader(code: Uint8Array): (start: number, end: number) => Body {
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

const absent = { callees: none, callsIndirectly: false }

/** Functions to be counted so that nothing can call for long without being counted: those that reach themselves, and those that reach too many. */
function countedFunctions(bodies: readonly Body[], imported: number): ReadonlySet<number> {
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
    const { callees, callsIndirectly } = bodies[index] ?? absent
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
