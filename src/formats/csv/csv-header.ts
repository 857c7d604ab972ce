/** The header row: which columns there are, and so which masks can be carried out. */
import { type PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import { isFactPath, parsePointer } from '../../domain/json-pointer.ts'
import type { RecordSchema } from '../../domain/record-policy.ts'
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { recordBytesMax } from '../record-stream/limits.ts'
import { isTextMask } from '../record-stream/mask-text.ts'
import { createCsvRow } from './csv-row.ts'

export type Columns = readonly string[]

const byteOrderMark = '\ufeff'

export type Header = {
  readonly columns: Columns
  readonly schema: RecordSchema
  /** Why there are no records to be had: format.corrupt, format.limit. */
  readonly problem?: PortcullisError
}

export function headerOf(row: Buffer, delimiter: number): Header {
  if (row.length === 0) return { columns: [], schema: emptyTable }
  try {
    const columns = readHeader(row, delimiter)
    return { columns, schema: tableSchema(columns) }
  } catch (error) {
    return { columns: [], schema: emptyTable, problem: toPortcullisError(error) }
  }
}

function readHeader(bytes: Buffer, delimiter: number): Columns {
  if (bytes.length > recordBytesMax) throw beyondLimit(0, 'a header that is too large')
  const row = createCsvRow(delimiter)
  const from = bytes.toString('utf8', 0, 3) === byteOrderMark ? 3 : 0
  const columns = Array.from({ length: row.read(bytes, from, bytes.length, from) }, (_, field) => row.text(field))
  if (new Set(columns).size < columns.length) throw corrupt(0, 'a column name twice')
  return columns
}

/** Fields are named by the header. A path into a field is unknown: a text has no inside. */
function tableSchema(columns: Columns): RecordSchema {
  const known = new Set(columns)
  return {
    accepts(mask) {
      const [name, ...below] = parsePointer(mask.path)
      return name !== undefined && below.length === 0 && known.has(name) && !mask.path.endsWith('*')
        ? isTextMask(mask)
        : 'path_unknown'
    },
    canCompute: ({ path }) => isFactPath(path),
    fieldsAt: (path) => (path.length === 0 ? columns : undefined),
  }
}

/** Without a header there is neither a record nor a field that a mask could miss. */
const emptyTable: RecordSchema = { accepts: isTextMask, canCompute: () => true }
