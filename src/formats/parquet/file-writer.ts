/** The metadata of what is given on: row groups as they came out, nothing of what is not there any more. */

import { type ColumnChunk, type FileMetadata, magic, type RowGroup } from './metadata.ts'
import {
  field,
  isStruct,
  listAt,
  numberAt,
  structAt,
  structOfFields,
  type ThriftStruct,
  thriftTypes,
  writeStruct,
} from './thrift.ts'

/** A column of a row group as it is given on. */
export type GivenColumn = {
  readonly start: number
  readonly size: number
  readonly uncompressedBytes: number
  readonly meta: ThriftStruct
}

export type GivenGroup = {
  readonly rowCount: number
  readonly columns: readonly GivenColumn[]
  readonly isSorted: boolean
  readonly source: RowGroup
}

/** What the metadata of a column may keep where its bytes stay as they are: nothing that lies elsewhere in the file, and nothing of free form. */
const keptFields = [1, 2, 3, 4, 5, 6, 7, 13, 16, 17] as const
/** The older least and greatest value are left out: whether they can be trusted depended on who had written the file. */
const keptStatistics = [3, 5, 6, 7, 8] as const

export function copiedColumn(chunk: ColumnChunk, start: number): GivenColumn {
  const moved = start - chunk.start
  const { meta } = chunk
  const kept = new Map(keptFields.flatMap((id) => (meta.has(id) ? [[id, meta.get(id)!] as const] : [])))
  const dictionaryStart = numberAt(meta, 11) ?? 0
  const statistics = structAt(meta, 12)
  return {
    start,
    size: chunk.end - chunk.start,
    uncompressedBytes: chunk.uncompressedBytes,
    meta: new Map([
      ...kept,
      [9, field.i64(numberAt(meta, 9)! + moved)] as const,
      ...(dictionaryStart > 0 ? [[11, field.i64(dictionaryStart + moved)] as const] : []),
      ...(statistics === undefined
        ? []
        : [
            [
              12,
              field.struct(
                new Map(
                  keptStatistics.flatMap((id) => (statistics.has(id) ? [[id, statistics.get(id)!] as const] : [])),
                ),
              ),
            ] as const,
          ]),
    ]),
  }
}

/** The end of the file, its magic included. */
export function writeFooter({ struct }: FileMetadata, groups: readonly GivenGroup[]): Buffer {
  const columnOrders = struct.get(7)
  const footer = writeStruct(
    structOfFields({
      1: struct.get(1) ?? field.i32(1),
      2: struct.get(2),
      3: field.i64(groups.reduce((sum, { rowCount }) => sum + rowCount, 0)),
      4: field.list(thriftTypes.struct, groups.map(groupStruct)),
      6: field.text('portcullis'),
      7: columnOrders,
    }),
  )
  const size = Buffer.alloc(4)
  size.writeUInt32LE(footer.length)
  return Buffer.concat([footer, size, magic])
}

function groupStruct({ rowCount, columns, isSorted, source }: GivenGroup, ordinal: number): ThriftStruct {
  const sortingColumns = isSorted ? source.struct.get(4) : undefined
  return structOfFields({
    1: field.list(
      thriftTypes.struct,
      columns.map(({ start, meta }) => structOfFields({ 2: field.i64(start), 3: field.struct(meta) })),
    ),
    2: field.i64(columns.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0)),
    3: field.i64(rowCount),
    4: sortingColumns,
    5: field.i64(columns[0]?.start ?? magic.length),
    6: field.i64(columns.reduce((sum, { size }) => sum + size, 0)),
    7: ordinal < 32_768 ? field.i16(ordinal) : undefined,
  })
}

/** Whether the order of the rows is by no column that was changed. */
export function staysSorted(group: RowGroup, isChanged: (column: number) => boolean): boolean {
  const sorting = listAt(group.struct, 4) ?? []
  return sorting.every((column) => isStruct(column) && !isChanged(numberAt(column, 1) ?? -1))
}
