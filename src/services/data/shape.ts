/** What an answer looks like: its media type, who gives it that shape, and what of the wish cannot be had. */
import { PortcullisError } from '../../domain/errors.ts'
import type { Format } from '../../formats/format.ts'
import { ndjsonTypes, type ShapedRecords, type Shaper } from '../../formats/shaper.ts'
import type { ReadInput } from '../api.ts'

export type Chosen = {
  readonly mediaType: string
  /** Undefined: as the guard gives them. */
  readonly shape:
    | ((bytes: AsyncIterable<Uint8Array>, records: ShapedRecords, signal: AbortSignal) => AsyncIterable<Uint8Array>)
    | undefined
  /** Undefined: bytes that are no records. */
  readonly shaper: Shaper | undefined
}

const [ndjson] = ndjsonTypes

/** @throws request.not_acceptable, request.invalid */
export function chooseShape(input: ReadInput, leafType: string, format: Format, shapers: readonly Shaper[]): Chosen {
  const shaper = shapers.find(({ mediaTypes }) => mediaTypes.some((type) => format.mediaTypes.includes(type)))
  const { accept, columns, limit, after, ifMatch } = input
  const offered = shaper === undefined || leafType === ndjson ? [leafType] : [leafType, ndjson]
  const mediaType = accept === undefined ? leafType : accept(offered)
  if (mediaType === undefined) throw new PortcullisError('request.not_acceptable')
  if (limit !== undefined && shaper === undefined) throw invalid('limit', 'the records of this format are not known')
  if (after !== undefined) {
    if (!isNdjson(mediaType)) throw invalid('after', 'needs an answer in NDJSON: accept application/x-ndjson')
    if (ifMatch === undefined || ifMatch === '*')
      throw invalid('after', 'needs an if-match header with the etag of the answer that was cut')
  }
  if (mediaType === ndjson && !isNdjson(leafType))
    return {
      mediaType,
      shaper,
      shape: (bytes, records, signal) => shaper!.toNdjson(bytes, { columns, records, signal }),
    }
  if (columns === undefined) return { mediaType, shaper, shape: undefined }
  const project = shaper?.project
  if (project === undefined)
    throw invalid(
      'columns',
      shaper === undefined
        ? 'the records of this format are not known'
        : 'cannot be chosen in this format: accept application/x-ndjson',
    )
  return { mediaType, shaper, shape: (bytes, records, signal) => project(bytes, { columns, records, signal }) }
}

function isNdjson(mediaType: string): boolean {
  return (ndjsonTypes as readonly string[]).includes(mediaType)
}

function invalid(field: string, problem: string): PortcullisError {
  return new PortcullisError('request.invalid', { message: `${field}: ${problem}` })
}
