import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Mask, RecordDecision } from '../../../src/domain/decision.ts'
import { evaluateFact } from '../../../src/domain/facts.ts'
import type { Json } from '../../../src/domain/json.ts'
import { formatPointer } from '../../../src/domain/json-pointer.ts'
import type { FactSelector, FactValue, RecordSchema } from '../../../src/domain/record-policy.ts'
import { createAvroFormat } from '../../../src/formats/avro/avro-format.ts'
import { createMaskValue } from '../../../src/policy/masks/mask-value.ts'
import { mergeMasks } from '../../../src/policy/masks/merge-masks.ts'
import { readAll } from '../../conformance/format.ts'
import {
  chooser,
  decimalText,
  encode,
  type Generated,
  generated,
  jsonOf,
  type Named,
  type RecordShape,
  type Shape,
  symbols,
  type Value,
} from './generated.ts'
import { hashKeys, maskPlainly } from './plain-masking.ts'
import { codecNames, decodeAvro, fileOf } from './samples.ts'

const format = createAvroFormat({ maskValue: createMaskValue({ hashKeys }) })
const keep: RecordDecision = { drop: false, masks: [] }
const drop: RecordDecision = { drop: true }
const runs = { numRuns: 200 }

type Choose = (below: number) => number

function fileFor({ shape, schema, records, seed }: Generated): Buffer {
  const choose = chooser(seed)
  return fileOf(
    schema,
    records.map((record) => encode(shape, record, choose)),
    { codec: codecNames[choose(codecNames.length)]!, recordsPerBlock: 1 + choose(4) },
  )
}

/** What avsc reads when the records are written plainly. */
function expected({ shape, schema }: Generated, records: readonly Value[]): readonly unknown[] {
  return decodeAvro(
    fileOf(
      schema,
      records.map((record) => encode(shape, record, () => 0)),
    ),
  ).blocks.flat()
}

/** A path that leads somewhere; in maps to every value or, throughout one case, to single ones. */
function somePath(shape: RecordShape, choose: Choose, mapSegment: () => string): readonly string[] {
  const path: string[] = []
  let at: Shape = shape
  let record = shape
  for (;;) {
    if (at.kind === 'self') at = record
    if (path.length > 0 && choose(3) === 0) return path
    switch (at.kind) {
      case 'record': {
        record = at
        const field: Named = at.fields[choose(at.fields.length)]!
        path.push(field.name)
        at = field.shape
        break
      }
      case 'array':
        path.push(choose(3) === 0 ? String(choose(3)) : '*')
        at = at.inner
        break
      case 'map':
        path.push(mapSegment())
        at = at.inner
        break
      case 'union':
        at = at.branches[choose(at.branches.length)]!
        break
      default:
        return path
    }
    if (path.length > 6) return path
  }
}

const constants: readonly Json[] = [null, true, 7, 2n ** 60n, 'hidden', 'RED', '', 1.5]

function someMask(path: string, choose: Choose): Mask {
  switch (choose(8)) {
    case 0:
      return { path, action: 'null' }
    case 1:
      return { path, action: 'remove' }
    case 2:
      return { path, action: 'constant', value: constants[choose(constants.length)]! }
    case 3:
      return { path, action: 'partial', keepFirst: choose(3), maskLast: choose(2), fill: '*é'.slice(choose(2)) }
    case 4:
      return { path, action: 'hash' }
    case 5:
      return { path, action: 'truncate', to: choose(4) }
    case 6:
      return { path, action: 'date', to: choose(2) === 0 ? 'year' : 'month' }
    default:
      return { path, action: 'round', to: [10, 1, 0.25, 1_000][choose(4)]! }
  }
}

/** As JSON is written here: members in the schema's order, numbers exactly. */
function jsonText(shape: Shape, value: Value, record?: RecordShape): string {
  switch (shape.kind) {
    case 'self':
      return jsonText(record!, value, record)
    case 'union': {
      const { at, value: inner } = value as { at: number; value: Value }
      return jsonText(shape.branches[at]!, inner, record)
    }
    case 'record':
      return `{${(value as { fields: readonly Value[] }).fields.map((inner, index) => `${JSON.stringify(shape.fields[index]!.name)}:${jsonText(shape.fields[index]!.shape, inner, shape)}`).join()}}`
    case 'array':
      return `[${(value as { items: readonly Value[] }).items.map((item) => jsonText(shape.inner, item, record)).join()}]`
    case 'map':
      return `{${(value as { entries: readonly (readonly [string, Value])[] }).entries.map(([key, inner]) => `${JSON.stringify(key)}:${jsonText(shape.inner, inner, record)}`).join()}}`
    case 'long':
    case 'moment':
      return String(value)
    case 'decimal':
      return decimalText(value as Buffer)
    case 'bytes':
    case 'fixed':
      return JSON.stringify((value as Buffer).toString('latin1'))
    case 'enum':
      return JSON.stringify(symbols[value as number])
    case 'float':
    case 'double':
      return Object.is(value, -0) ? '-0' : String(value)
    default:
      return JSON.stringify(value)
  }
}

/** Escapes of control characters may be written in more than one way. */
function normalized(text: string): unknown {
  return text.replace(
    /\\[bfnrt]/g,
    (escaped) => `\\u00${JSON.parse(`"${escaped}"`).charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

describe('splicing', () => {
  it('gives what decoding, masking and encoding gives', async () => {
    let masked = 0
    await fc.assert(
      fc.asyncProperty(generated, async (data) => {
        const choose = chooser(data.seed + 1)
        const key = choose(2) === 0 ? '*' : 'a'
        const wanted = Array.from({ length: 1 + choose(3) }, () =>
          formatPointer(somePath(data.shape, choose, () => key)),
        )
        let masks: readonly Mask[] = []
        const policyFor = (schema: RecordSchema) => {
          const accepted = wanted.flatMap((path) => {
            const tried = Array.from({ length: 5 }, () => someMask(path, choose))
            return tried.filter((mask) => schema.accepts(mask) === 'ok').slice(0, 1)
          })
          masks = mergeMasks(accepted).filter((mask) => schema.accepts(mask) === 'ok')
          return { kind: 'constant', decision: { drop: false, masks } } as const
        }
        const reading = readAll(format, fileFor(data), { policy: policyFor, chunkSize: 1 + choose(64) })
        const out = await reading.catch((thrown: unknown) => thrown)
        const plainly = () => data.records.map((record) => maskPlainly(data.shape, record, masks))
        if (!Buffer.isBuffer(out)) {
          // a value that no mask of this kind can change, in a place that cannot be null
          expect(out).toMatchObject({ code: 'mask.not_expressible' })
          expect(plainly).toThrow()
          return
        }
        if (masks.length > 0 && data.records.length > 0) masked++
        const decoded = decodeAvro(out)
        expect(decoded.schema).toEqual(data.schema)
        expect(decoded.blocks.flat()).toEqual(expected(data, plainly()))
      }),
      runs,
    )
    // the generator must not have gone astray
    expect(masked).toBeGreaterThan(runs.numRuns / 4)
  })

  it('keeps exactly the records that the decision keeps', async () => {
    await fc.assert(
      fc.asyncProperty(generated, async (data) => {
        const choose = chooser(data.seed + 2)
        const kept = data.records.map(() => choose(2) === 0)
        let index = 0
        const out = await readAll(format, fileFor(data), {
          policy: { kind: 'by-record', fields: [], decide: () => (kept[index++] ? keep : drop) },
          chunkSize: 1 + choose(64),
        })
        expect(decodeAvro(out).blocks.flat()).toEqual(
          expected(
            data,
            data.records.filter((_, at) => kept[at]),
          ),
        )
      }),
      runs,
    )
  })
})

describe('the projection', () => {
  it('is the JSON of the record, exact to the last digit', async () => {
    await fc.assert(
      fc.asyncProperty(generated, async (data) => {
        const texts: string[] = []
        await readAll(format, fileFor(data), {
          policy: {
            kind: 'by-record',
            fields: undefined,
            decide(json) {
              texts.push(Buffer.from(json).toString())
              return keep
            },
          },
        })
        expect(texts.map(normalized)).toEqual(data.records.map((record) => normalized(jsonText(data.shape, record))))
      }),
      runs,
    )
  })
})

describe('facts from bytes', () => {
  it('are the facts of the decoded record', async () => {
    const yes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(generated, async (data) => {
        const choose = chooser(data.seed + 3)
        const jsons = data.records.map((record) => jsonOf(data.shape, record))
        const wanted = Array.from({ length: 6 }, (_, index) => someFact(index, data.shape, jsons, choose))
        let facts: readonly FactSelector[] = []
        const seen: (readonly FactValue[])[] = []
        await readAll(format, fileFor(data), {
          policy(schema) {
            facts = wanted.filter((fact) => schema.canCompute(fact))
            const decide = (values: readonly FactValue[]) => {
              seen.push([...values])
              return keep
            }
            return { kind: 'by-facts', facts, decide }
          },
        })
        const plainly = jsons.map((json) => facts.map((fact) => evaluateFact(fact, json)))
        expect(seen).toEqual(plainly)
        plainly.forEach((values) =>
          values.forEach((value, index) => value !== false && value !== undefined && yes.add(facts[index]!.op)),
        )
      }),
      { numRuns: 300 },
    )
    expect([...yes].sort()).toEqual(['all', 'any', 'compare', 'equals', 'exists', 'get', 'in'])
  })
})

function someFact(index: number, shape: RecordShape, records: readonly Json[], choose: Choose): FactSelector {
  const path = [...somePath(shape, choose, () => (choose(2) === 0 ? '*' : 'a'))]
  if (choose(2) === 0) path.splice(choose(path.length), 1 + choose(2), '**')
  else if (choose(3) === 0) path[choose(path.length)] = '*'
  const scalars: Json[] = ['Bob', 0, null]
  const gather = (json: Json): void => {
    if (json === null || typeof json !== 'object') scalars.push(json)
    else for (const inner of Object.values(json)) gather(inner as Json)
  }
  records.forEach(gather)
  const operand = scalars[choose(scalars.length)]!
  const name = `a.b/${index}`
  const op = (['any', 'all', 'exists', 'equals', 'in', 'compare', 'get'] as const)[choose(7)]!
  if (op === 'exists' || op === 'get') return { name, op, path: formatPointer(path) }
  if (op === 'in')
    return { name, op, path: formatPointer(path), operand: [operand, 'Bob', scalars[choose(scalars.length)]!] }
  if (op === 'compare')
    return { name, op, path: formatPointer(path), operand, operator: (['<', '<=', '>', '>='] as const)[choose(4)]! }
  return { name, op, path: formatPointer(path), operand }
}
