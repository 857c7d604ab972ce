/** The list of leaves that a web server offers: JSON or NDJSON, page after page, sorted by path. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { bodyText, type RemoteResponse } from '../../remote/http-client.ts'
import type { HttpSource } from '../../remote/http-source.ts'
import { brokenAnswer } from '../../remote/remote-fault.ts'
import { compareIds } from '../id-order.ts'
import type { LeafMetadata } from '../leaf-type.ts'

export type ManifestEntry = { readonly path: string; readonly metadata: LeafMetadata }

/** One page of JSON, in bytes. NDJSON has no such limit. */
const pageBytesMax = 32 * 1024 * 1024
const lineCharsMax = 64 * 1024

const entrySchema = {
  oneOf: [
    { type: 'string' },
    {
      type: 'object',
      required: ['path'],
      properties: {
        path: { type: 'string' },
        mediaType: { type: 'string' },
        recordType: { type: 'string' },
        attributes: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  ],
}
type WrittenEntry = string | ({ readonly path: string } & LeafMetadata)
const isEntry = new Ajv2020().compile<WrittenEntry>(entrySchema)

/** @throws source.unavailable for what is no such list, is not sorted, or goes on elsewhere than where it began */
export async function* manifestEntries(
  source: HttpSource,
  url: string,
  signal: AbortSignal,
): AsyncGenerator<ManifestEntry> {
  let previous: string | undefined
  for (let page: string | undefined = url; page !== undefined; ) {
    const response = await source.page(page, signal)
    const isLines = /ndjson|jsonl/u.test(response.headers['content-type'] ?? '')
    const written: AsyncIterable<unknown> | Iterable<unknown> = isLines ? lines(response) : await document(response)
    for await (const value of written) {
      if (!isEntry(value)) throw brokenAnswer('an entry of a manifest is none')
      const { path, ...metadata } = typeof value === 'string' ? { path: value } : value
      if (previous !== undefined && compareIds(previous, path) >= 0) throw brokenAnswer('a manifest is out of order')
      previous = path
      yield { path, metadata }
    }
    page = nextPage(response, page)
  }
}

async function document(response: RemoteResponse): Promise<readonly unknown[]> {
  const value = parsed(await bodyText(response, pageBytesMax))
  const list = Array.isArray(value) ? value : (value as { leaves?: unknown } | null)?.leaves
  if (!Array.isArray(list)) throw brokenAnswer('a manifest is no list')
  return list
}

async function* lines(response: RemoteResponse): AsyncGenerator<unknown> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  const decode = (bytes?: Uint8Array) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch {
      throw brokenAnswer('a manifest is not UTF-8')
    }
  }
  for await (const piece of response.body) {
    const parts = (rest + decode(piece)).split('\n')
    rest = parts.pop()!
    if (rest.length > lineCharsMax) throw brokenAnswer('a line of a manifest is longer than it may be')
    for (const line of parts) if (line.trim() !== '') yield parsed(line)
  }
  rest += decode()
  if (rest.trim() !== '') yield parsed(rest)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw brokenAnswer('a manifest is not JSON')
  }
}

/** `Link: <…>; rel="next"`, on the same server only. */
function nextPage({ headers }: RemoteResponse, current: string): string | undefined {
  const link = headers['link']
  const target = (Array.isArray(link) ? link.join(', ') : link)?.match(/<([^>]*)>\s*;[^,]*\brel="?next"?(?=[\s;,]|$)/u)
  if (target === undefined || target === null) return undefined
  if (!URL.canParse(target[1]!, current)) throw brokenAnswer('a manifest goes on nowhere')
  const next = new URL(target[1]!, current)
  if (next.origin !== new URL(current).origin || next.href === current)
    throw brokenAnswer('a manifest goes on elsewhere')
  return next.href
}
