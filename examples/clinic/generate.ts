/** Writes the clinic's data again: `tsx examples/clinic/generate.ts`. The same records give the same bytes. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import avro from 'avsc'
import { parquetWriteBuffer } from 'hyparquet-writer'
import {
  patientRecordSchema,
  patientRecords,
  prescriptionColumns,
  prescriptions,
  siteResults,
  type TrialResult,
  trialResults,
} from './clinic-data.ts'

const folder = fileURLToPath(new URL('data', import.meta.url))

async function main(): Promise<void> {
  for (const port of ['patient-records', 'prescriptions', 'trial-results'])
    await mkdir(join(folder, port), { recursive: true })
  await writePatientRecords(join(folder, 'patient-records/wards.avro'))
  await writeFile(join(folder, 'prescriptions/dispensary.csv'), csvOf([prescriptionColumns, ...prescriptions]))
  await writeFile(join(folder, 'trial-results/heart.parquet'), new Uint8Array(parquetOf(trialResults)))
  await writeFile(
    join(folder, 'trial-results/site-b.json'),
    `[\n${siteResults.map((result) => `  ${JSON.stringify(result)}`).join(',\n')}\n]\n`,
  )
}

async function writePatientRecords(path: string): Promise<void> {
  // avsc's own marker is random; ours makes the file a function of the records
  const syncMarker = createHash('md5').update('clinic').digest()
  const encoder = new avro.streams.BlockEncoder(patientRecordSchema as never, { syncMarker } as never)
  const written = pipeline(encoder, createWriteStream(path))
  for (const record of patientRecords) if (!encoder.write(record)) await once(encoder, 'drain')
  encoder.end()
  await written
}

function csvOf(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return rows.map((row) => `${row.map(cell).join(',')}\n`).join('')
}

function parquetOf(results: readonly TrialResult[]): ArrayBuffer {
  const column = <Name extends keyof TrialResult>(name: Name, type: 'STRING' | 'BOOLEAN' | 'INT32' | 'DOUBLE') => ({
    name,
    type,
    data: results.map((result) => result[name]),
  })
  return parquetWriteBuffer({
    columnData: [
      column('resultId', 'STRING'),
      column('patientId', 'STRING'),
      column('sampledAt', 'STRING'),
      column('anonymised', 'BOOLEAN'),
      column('sensitivity', 'INT32'),
      column('ejectionFraction', 'DOUBLE'),
    ],
  })
}

await main()
