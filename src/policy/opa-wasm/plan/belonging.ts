/** Whether a plan can be the one that a module was compiled from: OPA's compiler leaves the plan's constants, functions and entrypoints in the module. */
import { createBinaryReader } from '../wasm-binary.ts'
import type { Plan } from './ir.ts'

const customSection = 0
const functionNames = 1
const headerBytes = 8

/** `entrypoints` are the bundle's. A plan that differs in nothing but statements passes: that it was not changed is for the bundle's signature to say. */
export function planBelongs(plan: Plan, module: Uint8Array, entrypoints: readonly string[]): boolean {
  if (!isSame(plan.entrypoints.keys(), entrypoints)) return false
  const constants = Buffer.from(plan.strings.map((value) => `${value}\0`).join(''))
  if (!Buffer.from(module.buffer, module.byteOffset, module.byteLength).includes(constants)) return false
  const names = namesOf(module)
  return [...plan.funcs.keys()].every((name) => names.has(name))
}

function isSame(names: Iterable<string>, others: Iterable<string>): boolean {
  return [...names].sort().join('\0') === [...others].sort().join('\0')
}

/** Of the functions that carry one. @throws bundle.corrupt */
function namesOf(module: Uint8Array): ReadonlySet<string> {
  const names = new Set<string>()
  const read = createBinaryReader(module, headerBytes)
  while (!read.done()) {
    const id = read.byte()
    const section = read.take(read.unsigned())
    if (id !== customSection) continue
    const body = createBinaryReader(section)
    if (textOf(body.take(body.unsigned())) !== 'name') continue
    while (!body.done()) {
      const kind = body.byte()
      const part = createBinaryReader(body.take(body.unsigned()))
      if (kind !== functionNames) continue
      for (let left = part.unsigned(); left > 0; left--) {
        part.unsigned()
        names.add(textOf(part.take(part.unsigned())))
      }
    }
  }
  return names
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
