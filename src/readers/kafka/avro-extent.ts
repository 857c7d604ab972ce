/** Where an Avro value ends: walked by its schema, so that no value can reach into the bytes of the next. */
import { PortcullisError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'

/** Where the value that begins at 0 ends. @throws RangeError where the bytes are none of the schema's, format.limit */
export type Extent = (bytes: Buffer) => number

type Walk = { readonly bytes: Buffer; at: number; depth: number; items: number }
type Step = (walk: Walk) => void
type Names = { readonly steps: Map<string, Step>; readonly namespace: string }

/** Of values within values. */
const depthMax = 256
/** Items of all arrays and maps of one value: of such as take no bytes there might be any number. */
const itemsMax = 4_000_000
const schemaDepthMax = 64

/** @throws format.corrupt where it is no schema */
export function extentOf(schema: string): Extent {
  const step = compile(parse(schema), { steps: new Map(), namespace: '' }, 0)
  return (bytes) => {
    const walk: Walk = { bytes, at: 0, depth: 0, items: 0 }
    step(walk)
    return walk.at
  }
}

function parse(schema: string): Json {
  try {
    return JSON.parse(schema) as Json
  } catch {
    throw noSchema()
  }
}

const primitives: ReadonlyMap<string, Step> = new Map([
  ['null', () => undefined],
  ['boolean', (walk) => void (byte(walk) > 1 && fail())],
  ['int', skipLong],
  ['long', skipLong],
  ['float', (walk) => skip(walk, 4)],
  ['double', (walk) => skip(walk, 8)],
  ['bytes', (walk) => skip(walk, long(walk))],
  ['string', (walk) => skip(walk, long(walk))],
])

function compile(schema: Json | undefined, names: Names, depth: number): Step {
  if (depth > schemaDepthMax) throw noSchema()
  if (typeof schema === 'string') return named(schema, names)
  if (Array.isArray(schema)) return union(schema.map((branch: Json) => compile(branch, names, depth + 1)))
  if (schema === null || typeof schema !== 'object') throw noSchema()
  const definition = schema as Readonly<Record<string, Json>>
  const below = (part: Json | undefined) => compile(part, names, depth + 1)
  switch (definition['type']) {
    case 'record':
    case 'error':
      return record(definition, names, depth)
    case 'enum': {
      const symbols = definition['symbols']
      if (!Array.isArray(symbols)) throw noSchema()
      return define(definition, names, (walk) => void index(walk, symbols.length))
    }
    case 'fixed': {
      const size = definition['size']
      if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw noSchema()
      return define(definition, names, (walk) => skip(walk, size))
    }
    case 'array':
      return blocks(below(definition['items']))
    case 'map': {
      const value = below(definition['values'])
      return blocks((walk) => {
        skip(walk, long(walk))
        value(walk)
      })
    }
    default:
      return below(definition['type'])
  }
}

function named(name: string, { steps, namespace }: Names): Step {
  const step = primitives.get(name) ?? steps.get(fullName(name, namespace)) ?? steps.get(name)
  if (step === undefined) throw noSchema()
  return step
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

function define(definition: Readonly<Record<string, Json>>, { steps, namespace }: Names, step: Step): Step {
  const { name, namespace: own } = definition
  if (typeof name !== 'string') throw noSchema()
  steps.set(fullName(name, typeof own === 'string' ? own : namespace), step)
  return step
}

function record(definition: Readonly<Record<string, Json>>, names: Names, depth: number): Step {
  const { name, namespace: own, fields } = definition
  if (typeof name !== 'string' || !Array.isArray(fields)) throw noSchema()
  const full = fullName(name, typeof own === 'string' ? own : names.namespace)
  const inner: Names = { steps: names.steps, namespace: full.slice(0, Math.max(0, full.lastIndexOf('.'))) }
  const steps: Step[] = []
  const step: Step = (walk) => {
    if (++walk.depth > depthMax) throw new PortcullisError('format.limit')
    for (const field of steps) field(walk)
    walk.depth--
  }
  // known before its fields, which may be of it
  names.steps.set(full, step)
  for (const field of fields) steps.push(compile(Reflect.get(Object(field), 'type') as Json, inner, depth + 1))
  return step
}

function union(branches: readonly Step[]): Step {
  return (walk) => branches[index(walk, branches.length)]!(walk)
}

function blocks(item: Step): Step {
  return (walk) => {
    for (;;) {
      let count = long(walk)
      if (count === 0) return
      let end: number | undefined
      if (count < 0) {
        count = -count
        end = long(walk)
        end += walk.at
      }
      walk.items += count
      if (walk.items > itemsMax) throw new PortcullisError('format.limit')
      for (; count > 0; count--) item(walk)
      if (end !== undefined && end !== walk.at) fail()
    }
  }
}

function byte(walk: Walk): number {
  const value = walk.bytes[walk.at++]
  return value === undefined ? fail() : value
}

function skip(walk: Walk, length: number): void {
  if (length < 0 || length > walk.bytes.length - walk.at) fail()
  walk.at += length
}

function skipLong(walk: Walk): void {
  for (let count = 0; count < 10; count++) if (byte(walk) < 0x80) return
  fail()
}

function long(walk: Walk): number {
  let value = 0
  let scale = 1
  for (let count = 0; count < 7; count++) {
    const next = byte(walk)
    value += (next & 0x7f) * scale
    if (next < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    scale *= 0x80
  }
  return fail()
}

function index(walk: Walk, length: number): number {
  const value = long(walk)
  return value >= 0 && value < length ? value : fail()
}

function fail(): never {
  throw new RangeError('not a value of the schema')
}

function noSchema(): PortcullisError {
  return new PortcullisError('format.corrupt', { message: 'The schema of the values is not valid.' })
}
