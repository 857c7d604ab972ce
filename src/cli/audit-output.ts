/** Rows as an aligned table, as CSV, or as a JSON object a line, written at the pace of whoever takes them. */
import { once } from 'node:events'

export type Column<Row> = { readonly head: string; readonly cell: (row: Row) => string; readonly toTheRight?: boolean }

export type RowWriter<Row> = {
  write(row: Row): Promise<void>
  /** What is said below a table. */
  end(foot: string): Promise<void>
}

export type RowForm<Row> = {
  readonly columns: readonly Column<Row>[]
  /** Of CSV, in order. */
  readonly fields: readonly (keyof Row & string)[]
}

/** Rows that the widths of a table are taken from; a later, wider one pushes what follows. */
const measuredRows = 200
const cellWidthMax = 72
const flushLength = 64 * 1024

export function createRowWriter<Row extends object>(
  format: 'text' | 'ndjson' | 'csv',
  { columns, fields }: RowForm<Row>,
): RowWriter<Row> {
  if (format === 'text') return createTable(columns)
  const out = createOutput()
  if (format === 'ndjson') return { write: (row) => out.put(`${JSON.stringify(row)}\n`), end: () => out.flush() }
  let head = csvLine(fields)
  return {
    async write(row) {
      await out.put(`${head}${csvLine(fields.map((field) => csvValue(row[field])))}`)
      head = ''
    },
    end: () => out.put(head).then(out.flush),
  }
}

function createTable<Row>(columns: readonly Column<Row>[]): RowWriter<Row> {
  const out = createOutput()
  let waiting: (readonly string[])[] | undefined = [columns.map(({ head }) => head)]
  let widths: readonly number[] = []

  async function release(): Promise<void> {
    if (waiting === undefined) return
    widths = widthsOf(waiting)
    const rows = waiting
    waiting = undefined
    if (rows.length > 1) for (const row of rows) await out.put(lineOf(row))
  }
  const lineOf = (row: readonly string[]) => padded(row, widths, columns)

  return {
    async write(row) {
      const cells = columns.map(({ cell }) => cell(row))
      if (waiting === undefined) return await out.put(lineOf(cells))
      waiting.push(cells)
      if (waiting.length > measuredRows) await release()
    },
    async end(foot) {
      await release()
      await out.put(foot)
      await out.flush()
    },
  }
}

/** Of a table that is known as a whole. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map(({ head }) => head), ...rows.map((row) => columns.map(({ cell }) => cell(row)))]
  const widths = widthsOf(cells)
  return cells.map((row) => padded(row, widths, columns)).join('')
}

function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, Math.min(cell.length, cellWidthMax))
  return widths
}

function padded<Row>(row: readonly string[], widths: readonly number[], columns: readonly Column<Row>[]): string {
  const cells = row.map((cell, column) =>
    columns[column]?.toTheRight === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
  )
  return `${cells.join('  ').trimEnd()}\n`
}

function createOutput() {
  let held = ''
  async function flush(): Promise<void> {
    const text = held
    held = ''
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain')
  }
  return {
    async put(text: string): Promise<void> {
      held += text
      if (held.length >= flushLength) await flush()
    },
    flush,
  }
}

/** Callers choose purposes and resources: nothing of them may steer the terminal, or break a line. `-`: not in the log. */
export function shown(text: string | undefined): string {
  if (text === undefined) return '-'
  if (text === '') return '""'
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  )
}

/** RFC 4180. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}

function csvValue(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return csvText(value.map(codeOf).join('; '))
  return csvText(typeof value === 'string' ? value : JSON.stringify(value))
}

const codeOf = (item: unknown): string => (typeof item === 'string' ? item : (item as { readonly code: string }).code)

/** A spreadsheet takes what begins like this for a formula, and what callers state must not become one. */
const csvText = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)
