/**
 * Makes a module interruptible: loops and functions count down a budget, and where that is used up ask the host whether to go on. The host then sets a new
 * budget, or ends the evaluation by throwing. So a time limit needs no second thread, and holds for each evaluation, however it is called.
 * What neither calls nor holds a loop within itself goes uncounted: it ends in a time that grows with memory only. On the way, arithmetic is made faster.
 */
import { arithmeticPrologues, wholeFunction, wholeFunctionType } from './wasm-arithmetic.ts'
import { type BinaryReader, createBinaryReader, section, unreadable, unsigned, writeUnsigned } from './wasm-binary.ts'
import { absentBody, type Body, countedFunctions, createBodyReader } from './wasm-functions.ts'

/** The exported global that counts down. */
export const budgetExport = 'portcullis_budget'
/** What `opa_abort` is called with to ask whether to go on; no message has this address. */
export const budgetAddress = -1
/** Of a number in LEB128. */
const numberBytesMax = 5

const customSection = 0
const noBytes = new Uint8Array()
const sections = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const
/** A mutable i32 that starts at its maximum. */
const budgetGlobal = Uint8Array.of(0x7f, 1, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x0b)

/** @throws bundle.corrupt for what is not a module as OPA's compiler writes them */
export function meterModule(bytes: Uint8Array): Uint8Array {
  const read = createBinaryReader(bytes)
  if (Buffer.compare(read.take(8), Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])) !== 0) throw unreadable()
  const out: Uint8Array[] = [bytes.subarray(0, 8)]
  const seen = new Set<number>()
  let names: Uint8Array = noBytes
  let code: { readonly place: number; readonly body: Uint8Array } | undefined
  let imports: Imports | undefined
  let budget = -1
  let types = 0
  let functions = 0
  while (!read.done()) {
    const id = read.byte()
    const body = read.take(read.unsigned())
    seen.add(id)
    switch (id) {
      case sections.type:
        types = createBinaryReader(body).unsigned()
        out.push(appended(id, body, wholeFunctionType))
        break
      case sections.function:
        functions = createBinaryReader(body).unsigned()
        out.push(appended(id, body, unsigned(types)))
        break
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
        code = { place: out.push(noBytes) - 1, body }
        break
      case customSection:
        names = namesIn(body) ?? names
        out.push(section(id, body))
        break
      default:
        out.push(section(id, body))
    }
  }
  if (code === undefined || budget < 0 || imports?.abort === undefined) throw unreadable()
  const { functions: imported, abort } = imports
  const insertions = { imported, names, probe: probe(budget, abort), whole: imported + functions }
  out[code.place] = section(sections.code, metered(code.body, insertions))
  for (const id of Object.values(sections)) if (!seen.has(id)) throw unreadable()
  return Buffer.concat(out)
}

/** What the section of that name holds behind it; it comes after the code. */
function namesIn(custom: Uint8Array): Uint8Array | undefined {
  const read = createBinaryReader(custom)
  const title = Buffer.from(read.take(read.unsigned())).toString('latin1')
  return title === 'name' ? custom.subarray(read.at()) : undefined
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

type Insertions = {
  /** How many functions are imported. */
  readonly imported: number
  readonly names: Uint8Array
  readonly probe: Uint8Array
  /** The number of the function that is added at the end. */
  readonly whole: number
}

/** The code section with probes in it, written in one go: pieces of a buffer cost more to make than to copy. */
function metered(code: Uint8Array, { imported, names, probe, whole }: Insertions): Uint8Array {
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
  const codeOf = (index: number) => {
    const { start, end } = bodies[index - imported] ?? absentBody
    return code.subarray(start, end)
  }
  const prologues = arithmeticPrologues(names, codeOf, whole)
  let more = wholeFunction.length + counted.size * probe.length
  for (const { loops } of bodies) more += loops.length * probe.length
  for (const { length } of prologues.values()) more += length
  const out = Buffer.allocUnsafe(code.length + more + (bodies.length + 2) * numberBytesMax)
  let at = writeUnsigned(out, 0, bodies.length + 1)

  const source = Buffer.from(code.buffer, code.byteOffset, code.byteLength)

  function copy(from: number, to: number): void {
    at += source.copy(out, at, from, to)
  }

  function insert(bytes: Uint8Array): void {
    out.set(bytes, at)
    at += bytes.length
  }

  for (const [index, { start, end, entry, loops }] of bodies.entries()) {
    const prologue = prologues.get(index + imported)
    const isCounted = counted.has(index)
    const probes = (loops.length + (isCounted ? 1 : 0)) * probe.length
    at = writeUnsigned(out, at, end - start + probes + (prologue?.length ?? 0))
    let from = start
    if (isCounted || prologue !== undefined) {
      copy(start, entry)
      if (prologue !== undefined) insert(prologue)
      if (isCounted) insert(probe)
      from = entry
    }
    for (const loop of loops) {
      copy(from, loop)
      insert(probe)
      from = loop
    }
    copy(from, end)
  }
  at = writeUnsigned(out, at, wholeFunction.length)
  insert(wholeFunction)
  return out.subarray(0, at)
}
