/** An opened read as an HTTP answer: status, validators, coding, trailers. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OpenedRead } from '../../services/api.ts'
import { compressorOf } from '../content-coding.ts'
import { transfer } from '../transfer.ts'
import { quotedTag } from './conditions.ts'
import { type Coding, chooseCoding } from './negotiation.ts'

export async function sendRead(request: FastifyRequest, reply: FastifyReply, read: OpenedRead): Promise<void> {
  const { kind, mediaType, bytes, revoked, etag, part, size, takesRanges, compressible, returned } = read
  const { headers, method } = request
  const coding = compressible && kind !== 'part' ? chooseCoding(headers['accept-encoding']) : 'identity'
  const hasBody = kind !== 'unchanged' && method !== 'HEAD'
  const hasChunks = request.raw.httpVersion === '1.1'
  const takesTrailers =
    hasChunks && hasBody && kind === 'whole' && /(?:^|,)\s*trailers\s*(?:[,;]|$)/iu.test(headersText(headers.te))
  await transfer(reply, {
    mediaType,
    bytes,
    cut: revoked,
    status: { whole: 200, part: 206, unchanged: 304 }[kind],
    headers: {
      'cache-control': 'private, no-store',
      vary: 'accept, accept-encoding, authorization',
      'content-disposition': 'attachment',
      ...(etag === undefined ? {} : { etag: quotedTag(etag, coding) }),
      ...(takesRanges && coding === 'identity' ? { 'accept-ranges': 'bytes' } : {}),
      ...lengthOf(method, coding, size, part),
      ...(coding === 'identity' ? {} : { 'content-encoding': coding }),
      ...(takesTrailers ? { trailer: 'repr-digest, x-records-returned' } : {}),
    },
    compressor: hasBody && coding !== 'identity' ? compressorOf(coding) : undefined,
    trailers: takesTrailers ? () => recordsReturned(returned()) : undefined,
  })
}

const headersText = (header: string | readonly string[] | undefined) => [header ?? ''].flat().join()

function recordsReturned(records: number | undefined): Readonly<Record<string, string>> {
  return records === undefined ? {} : { 'x-records-returned': String(records) }
}

/** No answer has its length beforehand: policy may change while it is sent, and its end is clean only when it is recorded. */
function lengthOf(
  method: string,
  coding: Coding,
  size: number | undefined,
  part: OpenedRead['part'],
): Readonly<Record<string, string>> {
  if (part !== undefined) return { 'content-range': `bytes ${part.first}-${part.last}/${part.size}` }
  return method === 'HEAD' && coding === 'identity' && size !== undefined ? { 'content-length': String(size) } : {}
}
