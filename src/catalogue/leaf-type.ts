/** What a leaf is: its media type and record type, from what its store says of it, else from its name, else from its first bytes. */
import type { ResourceId } from '../domain/ids.ts'
import type { Leaf } from '../domain/records.ts'

/** First match by name's end wins. */
export type LeafType = { readonly suffix: string; readonly mediaType: string; readonly recordType: string }

export const evidences = ['metadata', 'extension', 'content'] as const
/** Where a type may come from. */
export type Evidence = (typeof evidences)[number]

/** What configuration says of all leaves below a root. */
export type LeafRoot = {
  /** Canonical, ends in `/`; roots must not lie below one another. */
  readonly id: ResourceId
  readonly types: readonly LeafType[]
  readonly attributes?: Readonly<Record<string, string>>
  readonly product?: string
}

/** What a store says of a leaf. */
export type LeafMetadata = {
  readonly mediaType?: string | undefined
  readonly recordType?: string | undefined
  /** Beside those of the root, and over them. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

export type Clues = {
  readonly metadata: () => Promise<LeafMetadata>
  /** At most `contentBytesMax` bytes. */
  readonly content: () => Promise<Uint8Array>
}

/** As many first bytes as a type is told by. */
export const contentBytesMax = 4096
const unknownType = { mediaType: 'application/octet-stream', recordType: 'bytes' } as const
/** Types that stores give to what nobody named. */
const unsaid: readonly string[] = [
  'application/octet-stream',
  'binary/octet-stream',
  'application/x-www-form-urlencoded',
]
const recordTypeLengthMax = 256

/** A leaf whose type is told by its name alone; without any it is `application/octet-stream`. */
export function leafByName(root: LeafRoot, id: ResourceId): Leaf {
  return leafOf(root, id, typeByName(root.types, id) ?? unknownType, undefined)
}

/** The first evidence of the list that says something decides. */
export async function leafByClues(
  root: LeafRoot & { readonly detect: readonly Evidence[] },
  id: ResourceId,
  clues: Clues,
): Promise<Leaf> {
  const named = typeByName(root.types, id)
  const metadata = root.detect.includes('metadata') ? await clues.metadata() : {}
  const mediaType = await mediaTypeBy(root.detect, { metadata, named, content: clues.content })
  const recordType =
    saidRecordType(metadata.recordType) ??
    named?.recordType ??
    root.types.find((type) => type.mediaType === mediaType)?.recordType ??
    unknownType.recordType
  return leafOf(root, id, { mediaType, recordType }, metadata.attributes)
}

type Told = {
  readonly metadata: LeafMetadata
  readonly named: LeafType | undefined
  readonly content: Clues['content']
}

async function mediaTypeBy(detect: readonly Evidence[], { metadata, named, content }: Told): Promise<string> {
  for (const evidence of detect) {
    const found =
      evidence === 'metadata'
        ? saidMediaType(metadata.mediaType)
        : evidence === 'extension'
          ? named?.mediaType
          : mediaTypeOf(await content())
    if (found !== undefined) return found
  }
  return unknownType.mediaType
}

function leafOf(
  root: LeafRoot,
  id: ResourceId,
  { mediaType, recordType }: Pick<Leaf, 'mediaType' | 'recordType'>,
  attributes: LeafMetadata['attributes'],
): Leaf {
  return {
    id,
    mediaType,
    recordType,
    attributes: { ...root.attributes, ...attributes },
    ...(root.product === undefined ? {} : { product: root.product }),
  }
}

function typeByName(types: readonly LeafType[], id: ResourceId): LeafType | undefined {
  const name = id.toLowerCase()
  return types.find(({ suffix }) => name.endsWith(suffix))
}

function saidMediaType(text: string | undefined): string | undefined {
  const type = text
    ?.match(/^[^;]*/u)?.[0]
    .trim()
    .toLowerCase()
  return type === undefined || unsaid.includes(type) || !/^[a-z0-9.+_-]+\/[a-z0-9.+_-]+$/u.test(type) ? undefined : type
}

function saidRecordType(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= recordTypeLengthMax && /^[\x21-\x7e]+$/u.test(text) ? text : undefined
}

const magics: readonly (readonly [string, string])[] = [
  ['4f626a01', 'avro/binary'],
  ['50415231', 'application/vnd.apache.parquet'],
  ['1f8b', 'application/gzip'],
  ['28b52ffd', 'application/zstd'],
]

/** undefined: nothing that tells. Text and CSV never tell. */
export function mediaTypeOf(start: Uint8Array): string | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  const hex = bytes.subarray(0, 4).toString('hex')
  const magic = magics.find(([prefix]) => hex.startsWith(prefix))
  if (magic !== undefined) return magic[1]
  const text = bytes.toString('utf8').trimStart()
  if (text.startsWith('[')) return 'application/json'
  if (!text.startsWith('{')) return undefined
  const [line, ...rest] = text.split('\n')
  return rest.length > 0 && isJson(line!) ? 'application/x-ndjson' : 'application/json'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
