/**
 * Stands before s3rver and does what that leaves out: it verifies signatures (s3rver takes any of Version 4), answers 412 where If-Match does not hold,
 * and lists keys in the order of their bytes, URL-encoded where asked (s3rver lists as its folders lie).
 */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { signatures } from './aws-signature.ts'
import { LOOPBACK } from './free-port.ts'

export type Upstream = {
  readonly port: number
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export async function passOn(request: IncomingMessage, response: ServerResponse, { port, credentials }: Upstream) {
  const { method = 'GET', url: target = '/', headers } = request
  const signed = signatures({ method, target, headers }, (id) =>
    id === credentials.accessKeyId ? credentials.secretAccessKey : undefined,
  )
  if (signed === undefined || signed.expected !== signed.found) return void response.writeHead(403).end('<Error/>')
  const url = new URL(target, 'http://localhost')
  if (url.searchParams.get('list-type') === '2') return list(url, headers, { port, response })
  const answer = await send({ method, target, headers, port })
  const condition = headers['if-match']
  if (condition !== undefined && answer.headers.etag !== undefined && condition !== answer.headers.etag) {
    answer.destroy()
    return void response.writeHead(412).end('<Error/>')
  }
  response.writeHead(answer.statusCode!, answer.headers)
  await pipeline(answer, response)
}

type Sent = Pick<Upstream, 'port'> & {
  readonly method: string
  readonly target: string
  readonly headers: IncomingMessage['headers']
}

function send({ port, method, target, headers }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: LOOPBACK, port, method, path: target, headers }, resolve).once('error', reject).end()
  })
}

/** At most what s3rver lists at once: enough for tests. */
const keysMax = 1000

async function list(
  url: URL,
  headers: IncomingMessage['headers'],
  { port, response }: { readonly port: number; readonly response: ServerResponse },
): Promise<void> {
  const asked = url.searchParams
  const all = new URLSearchParams({ 'list-type': '2', prefix: asked.get('prefix') ?? '', 'max-keys': String(keysMax) })
  const answer = await send({ method: 'GET', target: `${url.pathname}?${all}`, headers, port })
  if (answer.statusCode !== 200) {
    response.writeHead(answer.statusCode!)
    return pipeline(answer, response)
  }
  const text = Buffer.concat(await answer.toArray()).toString()
  const after = Buffer.from(asked.get('continuation-token') ?? '', 'base64url')
  const left = [...text.matchAll(/<Key>([^<]*)<\/Key>/gu)]
    .map(([, key]) => Buffer.from(unescaped(key!)))
    .sort(Buffer.compare)
    .filter((key) => Buffer.compare(key, after) > 0)
  const page = left.slice(0, Number(asked.get('max-keys') ?? keysMax))
  const isTruncated = page.length < left.length
  const isUrl = asked.get('encoding-type') === 'url'
  const shown = (key: Buffer) =>
    isUrl
      ? new URLSearchParams({ key: key.toString() }).toString().slice('key='.length).replaceAll('%2F', '/')
      : escaped(key.toString())
  response.writeHead(200, { 'content-type': 'application/xml' })
  response.end(
    [
      '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
      ...(isUrl ? ['<EncodingType>url</EncodingType>'] : []),
      `<IsTruncated>${isTruncated}</IsTruncated>`,
      ...(isTruncated ? [`<NextContinuationToken>${page.at(-1)!.toString('base64url')}</NextContinuationToken>`] : []),
      ...page.map((key) => `<Contents><Key>${shown(key)}</Key></Contents>`),
      '</ListBucketResult>',
    ].join(''),
  )
}

const entities: readonly (readonly [string, string])[] = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#x27;', "'"],
  ['&amp;', '&'],
]
const unescaped = (text: string) => entities.reduce((done, [entity, plain]) => done.replaceAll(entity, plain), text)
const escaped = (text: string) =>
  entities.toReversed().reduce((done, [entity, plain]) => done.replaceAll(plain, entity), text)
