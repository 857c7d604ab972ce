/** Distributions, ratios, and where results go. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

export type Distribution = {
  readonly count: number
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** Of figures in any unit; percentiles by nearest rank. */
export function distributionOf(figures: readonly number[]): Distribution {
  const sorted = [...figures].sort((a, b) => a - b)
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN)
  return { count: sorted.length, min: at(0), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

export function round(figure: number, digits = 3): number {
  return Number(figure.toPrecision(digits))
}

export type Row = Readonly<Record<string, string | number>>

/** Prints the table and writes `bench/results/<name>.json` with the command that made it and the machine it ran on. */
export function report(name: string, rows: readonly Row[], notes: Readonly<Record<string, unknown>> = {}): void {
  const columns = [...new Set(rows.flatMap(Object.keys))]
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]!.length)))
  for (const line of cells)
    console.log(
      line.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join('  '),
    )
  const folder = fileURLToPath(new URL('../results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const document = {
    name,
    command: `npx tsx bench/${name}.bench.ts`,
    date: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    rows,
    ...notes,
  }
  writeFileSync(`${folder}${name}.json`, `${JSON.stringify(document, undefined, 2)}\n`)
}
