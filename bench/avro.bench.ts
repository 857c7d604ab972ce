/** The Avro guard on the 10,000-record HR file, without a policy engine: against reading the same file and decoding every record with avsc, in the same process. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import avro from 'avsc'
import { generateFile } from '../examples/hr/generate.ts'
import type { Mask, RecordDecision } from '../src/domain/decision.ts'
import type { RecordPolicy } from '../src/domain/record-policy.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { built } from './support/built.ts'
import { type Row, report, round } from './support/statistics.ts'

const [{ createAvroFormat }, { maskValue }, { createFileReader }] = await Promise.all([
  built<typeof import('../src/formats/avro/avro-format.ts')>('formats/avro/avro-format'),
  built<typeof import('../src/policy/masks/mask-value.ts')>('policy/masks/mask-value'),
  built<typeof import('../src/readers/file/file-reader.ts')>('readers/file/file-reader'),
])

const records = 10_000
/** Each case this often in a row, so that none collects another's garbage; all cases in several turns, because the machine is shared. */
const rounds = 10
const turns = 3

const masks: readonly Mask[] = [
  { path: '/address/zipCode', action: 'partial', keepFirst: 2, fill: '*' },
  { path: '/bankDetails', action: 'null' },
  { path: '/dateOfBirth', action: 'null' },
  { path: '/nationality', action: 'null' },
  { path: '/salaryAmount', action: 'constant', value: 0 },
  { path: '/taxCode', action: 'null' },
]
const keep: RecordDecision = { drop: false, masks: [] }
const masked: RecordDecision = { drop: false, masks }
const fact = { name: 'hr.visible/manages', op: 'any', path: '/manager/**/uid', operand: 'Bob' } as const

const policies: Readonly<Record<string, RecordPolicy>> = {
  untouched: { kind: 'untouched' },
  'constant, nothing masked': { kind: 'constant', decision: keep },
  'constant, 5 fields masked': { kind: 'constant', decision: { drop: false, masks: masks.slice(1) } },
  'constant, 5 fields and a partial text': { kind: 'constant', decision: masked },
  'by facts, all masked': {
    kind: 'by-facts',
    facts: [fact],
    decide: ([manages]) => (manages === true ? keep : masked),
  },
  'by record, 2 fields': { kind: 'by-record', fields: ['uid', 'manager'], decide: () => masked },
  'by record, all fields': { kind: 'by-record', fields: undefined, decide: () => masked },
}

const format = createAvroFormat({ maskValue })
const reader = createFileReader()
const folder = (await createTempFolder('bench-avro')).path

async function plain(path: string): Promise<number> {
  const decoder = new avro.streams.BlockDecoder()
  let count = 0
  const done = new Promise<void>((resolve, reject) => decoder.once('end', resolve).once('error', reject))
  decoder.on('data', () => count++)
  decoder.end(await readFile(path))
  await done
  return count
}

/** Without the decoder stream's cost an object: the blocks' content is at hand, and avsc's type does nothing but decode. */
async function direct(path: string): Promise<number> {
  const bytes = await readFile(path)
  const type = directType ?? (await typeOf(path))
  let count = 0
  for (let at = directStart; at < bytes.length; ) {
    const head = longType.decode(bytes, at)
    const size = longType.decode(bytes, head.offset)
    let position = size.offset
    for (let left = head.value as number; left > 0; left--) {
      position = type.decode(bytes, position).offset
      count++
    }
    at = position + 16
  }
  return count
}

const longType = avro.Type.forSchema('long')
let directType: avro.Type | undefined
let directStart = 0

async function typeOf(path: string): Promise<avro.Type> {
  const bytes = await readFile(path)
  const header = avro.Type.forSchema({ type: 'map', values: 'bytes' }).decode(bytes, 4)
  directStart = header.offset + 16
  directType = avro.Type.forSchema(
    JSON.parse(String((header.value as Record<string, Buffer>)['avro.schema'])) as avro.Schema,
  )
  return directType
}

async function guarded(file: string, policy: RecordPolicy): Promise<number> {
  const signal = new AbortController().signal
  const source = await reader.open({ scheme: 'file', root: folder, path: file }, { signal })
  const counts = { processed: -1, returned: -1 }
  let length = 0
  for await (const chunk of format.guard(source.bytes, { policyFor: () => policy, counts, signal }))
    length += chunk.length
  if (length === 0) throw new Error('nothing was read')
  return counts.processed
}

/** Of elapsed time, and of processor time in all threads. */
type Best = { readonly us: number; readonly cpuUs: number }

async function measure(codec: 'null' | 'deflate'): Promise<readonly Row[]> {
  const file = `${codec}.avro`
  const path = join(folder, file)
  await generateFile({ path, records, seed: 1, codec })
  const cases = new Map<string, () => Promise<number>>([
    ['read + avsc stream', () => plain(path)],
    ...(codec === 'null' ? ([['read + avsc decode', () => direct(path)]] as const) : []),
    ...Object.entries(policies).map(([name, policy]) => [name, () => guarded(file, policy)] as const),
  ])
  const best = new Map<string, Best>()
  for (let turn = 0; turn < turns; turn++)
    for (const [name, run] of cases)
      for (let index = 0; index < rounds; index++) {
        const before = process.cpuUsage()
        const startedAt = performance.now()
        if ((await run()) !== records) throw new Error(`${name}: not all records`)
        const elapsed = (performance.now() - startedAt) * 1_000
        const { user, system } = process.cpuUsage(before)
        const { us, cpuUs } = best.get(name) ?? { us: Number.POSITIVE_INFINITY, cpuUs: Number.POSITIVE_INFINITY }
        best.set(name, { us: Math.min(us, elapsed), cpuUs: Math.min(cpuUs, user + system) })
      }
  const stream = best.get('read + avsc stream')!.us
  const decode = best.get('read + avsc decode')?.us
  return [...best].map(([name, { us, cpuUs }]) => ({
    case: `${codec}: ${name}`,
    'µs a record': round(us / records),
    'CPU µs a record': round(cpuUs / records),
    'ratio to avsc stream': round(us / stream, 2),
    'ratio to avsc decode': decode === undefined ? '' : round(us / decode, 2),
  }))
}

report('avro', [...(await measure('null')), ...(await measure('deflate'))], {
  records,
  rounds: rounds * turns,
  figures: 'the best of all rounds; ratios are of elapsed time',
  goals: { constant: 0.2, 'by facts': 0.4 },
})
