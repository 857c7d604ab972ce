/**
 * Writes HR data: `tsx examples/hr/generate.ts [--folder F] [--records N] [--files N] [--seed S] [--codec null|deflate] [--if-absent]`.
 * File i is `employee_file<i>.avro`, made from seed S + i; without options it writes the committed sample.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import avro from 'avsc'
import { employeeSchema } from './employee-schema.ts'
import { type Employee, employeeAt } from './employees.ts'

export type GenerateOptions = {
  readonly path: string
  readonly records: number
  readonly seed: number
  readonly codec?: 'null' | 'deflate'
}

export async function generateFile({ path, records, seed, codec = 'null' }: GenerateOptions): Promise<void> {
  const partial = `${path}.partial`
  // avsc's own marker is random; ours makes the file a function of the seed
  const syncMarker = createHash('md5').update(`employees:${seed}`).digest()
  const encoder = new avro.streams.BlockEncoder(employeeSchema as avro.Schema, { codec, syncMarker } as never)
  const written = pipeline(encoder, createWriteStream(partial))
  for (let index = 0; index < records; index++) {
    const employee: Employee = employeeAt(seed, index)
    if (!encoder.write(employee)) await Promise.race([written, once(encoder, 'drain')])
  }
  encoder.end()
  await written
  renameSync(partial, path)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: fileURLToPath(new URL('data', import.meta.url)) },
      records: { type: 'string', default: '5' },
      files: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      codec: { type: 'string', default: 'null' },
      'if-absent': { type: 'boolean', default: false },
    },
  })
  const [records, files, seed] = [Number(values.records), Number(values.files), Number(values.seed)]
  if (![records, files, seed].every(Number.isSafeInteger) || (values.codec !== 'null' && values.codec !== 'deflate'))
    throw new Error('--records, --files and --seed are whole numbers, --codec is null or deflate')
  mkdirSync(values.folder, { recursive: true })
  for (let file = 0; file < files; file++) {
    const path = join(values.folder, `employee_file${file}.avro`)
    if (values['if-absent'] && existsSync(path)) continue
    await generateFile({ path, records, seed: seed + file, codec: values.codec })
    console.log(`wrote ${records} records to employee_file${file}.avro`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
