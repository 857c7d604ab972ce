/** One row as a record: an object of texts by column. */
import type { Mask } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import { evaluateFact, evaluateFactOf } from '../../domain/facts.ts'
import { parsePointer } from '../../domain/json-pointer.ts'
import type { FactSelector, FactValue } from '../../domain/record-policy.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import type { LineRecord } from '../record-stream/guard-lines.ts'
import { type MaskValue, maskText } from '../record-stream/mask-text.ts'
import { remembered } from '../record-stream/remembered.ts'
import type { Columns } from './csv-header.ts'
import { createCsvRow, lineEnd } from './csv-row.ts'

export type CsvRecordDeps = { readonly columns: Columns; readonly delimiter: number; readonly maskValue: MaskValue }

type ColumnMask = { readonly field: number; readonly mask: Mask }

export function createCsvRecord({ columns, delimiter, maskValue }: CsvRecordDeps): LineRecord {
  const row = createCsvRow(delimiter)
  const names = columns.map((column) => JSON.stringify(column))
  const needsQuotes = new RegExp(`["\r\n${String.fromCharCode(delimiter)}]`)
  const factsOf = new WeakMap<readonly FactSelector[], readonly (() => FactValue)[]>()
  const masksOf = new WeakMap<readonly Mask[], readonly ColumnMask[]>()
  let bytes: Buffer = Buffer.alloc(0)
  let start = 0
  let end = 0

  function compileMasks(masks: readonly Mask[]): readonly ColumnMask[] {
    return masks
      .map((mask) => {
        const [name, ...below] = parsePointer(mask.path)
        const field = below.length === 0 ? columns.indexOf(name!) : -1
        if (field < 0) throw new PortcullisError('mask.path_unknown')
        return { field, mask }
      })
      .sort((a, b) => a.field - b.field)
  }

  /** Of a field that is named only that one is looked at. */
  function compileFact(selector: FactSelector): () => FactValue {
    const [name, ...below] = parsePointer(selector.path)
    if (name === '*' || name === '**' || below.length > 0)
      return () => evaluateFact(selector, Object.fromEntries(columns.map((column, field) => [column, row.text(field)])))
    const field = columns.indexOf(name!)
    return () => evaluateFactOf(selector, field < 0 ? [] : [row.text(field)])
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
    facts: (selectors) => remembered(factsOf, selectors, () => selectors.map(compileFact)).map((fact) => fact()),
    json(fields) {
      const members: string[] = []
      columns.forEach((column, field) => {
        if (fields === undefined || fields.includes(column))
          members.push(`${names[field]}:${JSON.stringify(row.text(field))}`)
      })
      return Buffer.from(`{${members.join()}}`)
    },
    write(masks, sink) {
      let from = start
      for (const { field, mask } of remembered(masksOf, masks, () => compileMasks(masks))) {
        sink.copy(bytes, from, row.startOf(field))
        sink.text(fieldOf(maskText(mask, row.text(field), maskValue)))
        from = row.endOf(field)
      }
      sink.copy(bytes, from, end)
    },
  }
}
