/** One row as a record: an object of texts by column. */
import type { Mask } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { evaluateFact } from '../../domain/facts.ts'
import { parsePointer } from '../../domain/json-pointer.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import type { LineRecord } from '../record-stream/guard-lines.ts'
import { type MaskValue, maskText } from '../record-stream/mask-text.ts'
import type { Columns } from './csv-header.ts'
import { createCsvRow, lineEnd } from './csv-row.ts'

export type CsvRecordDeps = { readonly columns: Columns; readonly delimiter: number; readonly maskValue: MaskValue }

type ColumnMask = { readonly field: number; readonly mask: Mask }

export function createCsvRecord({ columns, delimiter, maskValue }: CsvRecordDeps): LineRecord {
  const row = createCsvRow(delimiter)
  const names = columns.map((column) => JSON.stringify(column))
  const needsQuotes = new RegExp(`["\r\n${String.fromCharCode(delimiter)}]`)
  const masksOf = new WeakMap<readonly Mask[], readonly ColumnMask[]>()
  let bytes: Buffer = Buffer.alloc(0)
  let start = 0
  let end = 0

  function compile(masks: readonly Mask[]): readonly ColumnMask[] {
    return masks
      .map((mask) => {
        const [name, ...below] = parsePointer(mask.path)
        const field = below.length === 0 ? columns.indexOf(name!) : -1
        if (field < 0) throw new PortcullisError('mask.path_unknown')
        return { field, mask }
      })
      .sort((a, b) => a.field - b.field)
  }

  function fieldOf(text: string): string {
    // a row of one empty field would be a blank line, which is no row
    if (text === '') return columns.length === 1 ? '""' : ''
    return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }

  return {
    read(source, from, to, offset) {
      bytes = source
      start = from
      end = to
      if (lineEnd(source, from, to) === from && columns.length > 1) return false
      if (row.read(source, from, to, offset) !== columns.length)
        throw corrupt(offset, 'a row whose fields do not match the header')
      return true
    },
    facts(selectors) {
      const record = Object.fromEntries(columns.map((column, field) => [column, row.text(field)]))
      return selectors.map((selector) => evaluateFact(selector, record))
    },
    json(fields) {
      const members: string[] = []
      columns.forEach((column, field) => {
        if (fields === undefined || fields.includes(column))
          members.push(`${names[field]}:${JSON.stringify(row.text(field))}`)
      })
      return Buffer.from(`{${members.join()}}`)
    },
    write(masks, sink) {
      let masked = masksOf.get(masks)
      if (masked === undefined) masksOf.set(masks, (masked = compile(masks)))
      let from = start
      for (const { field, mask } of masked) {
        sink.copy(bytes, from, row.startOf(field))
        sink.text(fieldOf(maskText(mask, row.text(field), maskValue)))
        from = row.endOf(field)
      }
      sink.copy(bytes, from, end)
    },
  }
}
