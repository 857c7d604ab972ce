/** GET and HEAD of a leaf over real HTTP: ranges, shapes, codings, validators and trailers, and that none of them says what policy withholds. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import avsc from 'avsc'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RecordPolicy } from '../../src/domain/record-policy.ts'
import { type GuardedServer, startGuardedServer } from '../services/support/guarded-server.ts'

let server: GuardedServer
beforeAll(async () => {
  server = await startGuardedServer()
})
afterAll(() => server?.[Symbol.asyncDispose]())
beforeEach(() => {
  server.policy = { kind: 'untouched' }
  server.revision = 'r1'
  server.user = { ...server.user, attributes: {} }
  server.recorded.length = 0
})

const rows = [
  { id: 1, name: 'Ann', pay: 10 },
  { id: 2, name: 'Bob', pay: 20 },
  { id: 3, name: 'Cid', pay: 30 },
  { id: 4, name: 'Dee', pay: 40 },
]
const ndjson = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const csv = `id,name,pay\r\n${rows.map(({ id, name, pay }) => `${id},"${name}",${pay}\r\n`).join('')}`
const masked: RecordPolicy = {
  kind: 'constant',
  decision: { drop: false, masks: [{ path: '/pay', action: 'null' }] },
}
/** Drops the record with id 2. */
const dropping: RecordPolicy = {
  kind: 'by-record',
  fields: ['id'],
  decide: (json) => (/"id":"?2"?\b/u.test(Buffer.from(json).toString()) ? { drop: true } : { drop: false, masks: [] }),
}
const wantsNdjson = { accept: 'application/x-ndjson' }
const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(url, { method, headers: { 'accept-encoding': 'identity', ...headers } })
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]
const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

/** With trailers, and bytes as they were sent. */
async function rawGet(
  url: string,
  headers: Record<string, string>,
): Promise<{ message: IncomingMessage; body: Buffer }> {
  const sent = httpRequest(url, { headers })
  sent.end()
  const [message] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return { message, body: Buffer.concat(chunks) }
}

const avroType = avsc.Type.forSchema({
  type: 'record',
  name: 'Row',
  namespace: 'a.b',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
    { name: 'name', type: ['null', 'string'] },
    { name: 'other', type: 'Kind' },
    { name: 'raw', type: 'bytes' },
  ],
})
const avroRows = Array.from({ length: 1000 }, (_, id) => ({
  id,
  kind: 'A',
  name: `n${id}`,
  other: 'B',
  raw: Buffer.from([id & 255, 255]),
}))

async function avro(codec = 'deflate'): Promise<Buffer> {
  const encoder = new avsc.streams.BlockEncoder(avroType, { codec, blockSize: 2048 })
  const chunks: Buffer[] = []
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (const row of avroRows) encoder.write(row)
  encoder.end()
  await once(encoder, 'end')
  return Buffer.concat(chunks)
}

async function readAvro(bytes: Uint8Array): Promise<unknown[]> {
  const decoder = new avsc.streams.BlockDecoder()
  const records: unknown[] = []
  decoder.on('data', (record: object) => records.push(JSON.parse(JSON.stringify(record))))
  decoder.end(Buffer.from(bytes))
  await once(decoder, 'end')
  return records
}

describe('Range', () => {
  test.each([
    ['bytes=5-9', 5, 10],
    ['bytes=90-', 90, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=0-99999', 0, undefined],
  ])('%s gives the part where the bytes pass untouched', async (range, from, to) => {
    const url = await server.leaf('a.ndjson', ndjson)
    const response = await get(url, { range })
    const content = Buffer.from(ndjson)
    const part = content.subarray(from, to)
    const first = from < 0 ? content.length + from : from
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${first + part.length - 1}/${content.length}`)
    expect(await response.text()).toBe(part.toString())
    expect(server.recorded.at(-1)).toMatchObject({ kind: 'read.finished', bytesWritten: part.length })
  })

  test.each(['bytes=1-2,4-5', 'bytes=9-5', 'bytes=-', 'records=1-2', 'bytes=a-b'])('%s is not heard', async (range) => {
    const response = await get(await server.leaf('a.ndjson', ndjson), { range })
    expect([response.status, await response.text()]).toEqual([200, ndjson])
  })

  test('beyond the end is 416 with the size, where all of the bytes may be had', async () => {
    const response = await get(await server.leaf('a.ndjson', ndjson), { range: 'bytes=100000-' })
    expect(response.headers.get('content-range')).toBe(`bytes */${ndjson.length}`)
    expect(await codeOf(response)).toEqual([416, 'request.range'])
    expect(server.recorded.at(-1)).toMatchObject({ kind: 'read.aborted', code: 'request.range' })
  })

  test.each([
    ['masked', masked],
    ['dropped', dropping],
  ])('is not heard where something is %s, whatever it asks for', async (_what, policy) => {
    server.policy = policy
    const url = await server.leaf('a.ndjson', ndjson)
    const whole = await get(url)
    const text = await whole.text()
    for (const range of ['bytes=0-4', 'bytes=100000-', 'bytes=-1']) {
      const response = await get(url, { range })
      expect(response.status).toBe(200)
      expect(response.headers.has('accept-ranges')).toBe(false)
      expect(response.headers.has('content-range')).toBe(false)
      expect(await response.text()).toBe(text)
    }
  })

  test('is bound by If-Range to the version that the client has a part of', async () => {
    const url = await server.leaf('a.ndjson', ndjson)
    const etag = (await get(url, {}, 'HEAD')).headers.get('etag')!
    expect((await get(url, { range: 'bytes=1-2', 'if-range': etag })).status).toBe(206)
    expect((await get(url, { range: 'bytes=1-2', 'if-range': '"other"' })).status).toBe(200)
    expect((await get(url, { range: 'bytes=1-2', 'if-range': 'Wed, 21 Oct 2026 07:28:00 GMT' })).status).toBe(200)
  })

  test('is cut when the bytes may no longer pass untouched', async () => {
    const content = Buffer.alloc(64 * 1024 * 1024, 'x\n')
    const response = await get(await server.leaf('large.txt', content), { range: `bytes=0-${content.length - 2}` })
    expect(response.status).toBe(206)
    server.policy = masked
    await expect(response.arrayBuffer()).rejects.toThrow('terminated')
    expect(server.recorded.at(-1)).toMatchObject({ kind: 'read.aborted', code: 'policy.changed' })
  })
})

describe('Accept: application/x-ndjson', () => {
  test.each([
    ['csv', csv, rows.map(({ id, name, pay }) => ({ id: `${id}`, name, pay: `${pay}` }))],
    ['json', JSON.stringify(rows, null, 2), rows],
    ['ndjson', ndjson, rows],
    ['txt', 'a "b"\r\nc\n', [{ line: 'a "b"' }, { line: 'c' }]],
  ])('gives the records of %s', async (extension, content, expected) => {
    const response = await get(await server.leaf(`a.${extension}`, content), wantsNdjson)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect(lines(await response.text())).toEqual(expected)
  })

  test('gives Avro with bytes in base64 and enums as text', async () => {
    const response = await get(await server.leaf('a.avro', await avro()), wantsNdjson)
    const records = lines(await response.text())
    expect(records.length).toBe(1000)
    expect(records[258]).toEqual({ id: 258, kind: 'A', name: 'n258', other: 'B', raw: 'Av8=' })
  })

  test('gives what policy lets through, and no more', async () => {
    const url = await server.leaf('a.csv', csv)
    server.policy = masked
    expect(await (await get(url, wantsNdjson)).text()).not.toMatch(/10|20|30|40/u)
    server.policy = dropping
    expect(lines(await (await get(url, wantsNdjson)).text())).toMatchObject([{ id: '1' }, { id: '3' }, { id: '4' }])
  })

  test.each([
    ['application/x-ndjson;q=0.5, text/csv', 'text/csv'],
    ['application/x-ndjson, text/csv;q=0.5', 'application/x-ndjson'],
    ['text/*;q=0.1, */*;q=0.9', 'application/x-ndjson'],
    ['*/*', 'text/csv'],
    ['text/csv;q=0, */*', 'application/x-ndjson'],
  ])('%s is answered as %s', async (accept, mediaType) => {
    const response = await get(await server.leaf('a.csv', csv), { accept })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, mediaType])
    expect(response.headers.get('vary')).toContain('accept')
    await response.text()
  })

  test.each(['image/png', 'application/xml, text/csv;q=0'])('%s is 406', async (accept) => {
    expect(await codeOf(await get(await server.leaf('a.csv', csv), { accept }))).toEqual([
      406,
      'request.not_acceptable',
    ])
  })

  test('bytes that are no records cannot be given as NDJSON', async () => {
    expect((await get(await server.leaf('a.bin', 'xyz'), wantsNdjson)).status).toBe(406)
  })

  test.each(['*/*', 'application/x-ndjson'])(
    '%s: data that is wrong is refused without the size of what was dropped before',
    async (accept) => {
      server.policy = dropping
      const response = await get(await server.leaf('a.json', '[{"id":2,"name":"Bob"},{"id":2,}]'), { accept })
      const { code, detail } = (await response.json()) as { code: string; detail: string }
      expect([code, detail]).toEqual(['format.corrupt', expect.not.stringMatching(/[0-9]/u)])
    },
  )

  test('a shape that cannot be had leaves the start of the read and its end', async () => {
    await get(await server.leaf('a.csv', csv), { accept: 'image/png' })
    expect(server.recorded).toMatchObject([
      { kind: 'read.started' },
      { kind: 'read.aborted', code: 'request.not_acceptable' },
    ])
  })

  test.each([{ accept: 'image/png' }, { query: '&after=3' }, { query: '&limit=2', name: 'a.bin' }])(
    'whom policy denies all records is told so, whatever else they ask: %o',
    async ({ accept = '*/*', query = '', name = 'a.csv' }: { accept?: string; query?: string; name?: string }) => {
      server.policy = { kind: 'deny', reasons: [{ code: 'x' }] }
      expect(await codeOf(await get((await server.leaf(name, csv)) + query, { accept }))).toEqual([
        403,
        'policy.denied',
      ])
    },
  )
})

describe('columns', () => {
  test.each([
    ['ndjson', ndjson, '{"id":1,"name":"Ann"}\n'],
    ['csv', csv, 'id,name\r\n1,"Ann"\r\n'],
    ['json', JSON.stringify(rows), '[{"id":1,"name":"Ann"},\n'],
  ])('narrow %s in its own format', async (extension, content, start) => {
    const response = await get(`${await server.leaf(`a.${extension}`, content)}&columns=/name,id`)
    const text = await response.text()
    expect(text.slice(0, start.length)).toBe(start)
    expect(text).not.toMatch(/pay|10/u)
  })

  test.each(['null', 'deflate'])('narrow Avro (%s), its schema too', async (codec) => {
    const response = await get(`${await server.leaf('a.avro', await avro(codec))}&columns=other,id`)
    const records = await readAvro(new Uint8Array(await response.arrayBuffer()))
    expect(records.length).toBe(1000)
    expect(records[7]).toEqual({ id: 7, other: 'B' })
  })

  test('policy decides on the whole record, also by columns that are not given', async () => {
    server.policy = dropping
    const response = await get(`${await server.leaf('a.csv', csv)}&columns=name`)
    expect(await response.text()).toBe('name\r\n"Ann"\r\n"Cid"\r\n"Dee"\r\n')
  })

  test('that are masked stay masked', async () => {
    server.policy = masked
    expect(await (await get(`${await server.leaf('a.ndjson', ndjson)}&columns=pay`)).text()).toBe(
      '{"pay":null}\n'.repeat(4),
    )
  })

  test.each([
    ['a.csv', 'ssn', 'columns: this leaf has no column "ssn"'],
    ['a.csv', '/name/first', 'columns: only whole top-level columns can be chosen'],
    ['a.csv', 'id,,pay', 'columns: has an empty name'],
    ['a.bin', 'id', 'columns: the records of this format are not known'],
  ])('%s with columns=%s is 400', async (name, columns, detail) => {
    const response = await get(`${await server.leaf(name, csv)}&columns=${columns}`)
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([400, detail])
  })

  test('of what is removed everywhere and of what never was there are answered alike', async () => {
    server.policy = { kind: 'constant', decision: { drop: false, masks: [{ path: '/pay', action: 'remove' }] } }
    const url = await server.leaf('a.ndjson', ndjson)
    const texts = await Promise.all(
      ['pay', 'never'].map(async (column) => (await get(`${url}&columns=${column}`)).text()),
    )
    expect(texts).toEqual(['{}\n'.repeat(4), '{}\n'.repeat(4)])
  })
})

describe('limit', () => {
  test.each([
    ['ndjson', ndjson, 2],
    ['csv', csv, 3],
    ['json', JSON.stringify(rows), 1],
  ])('ends %s cleanly', async (extension, content, lineCount) => {
    const response = await get(`${await server.leaf(`a.${extension}`, content)}&limit=2`)
    const text = await response.text()
    expect(text.trimEnd().split('\n').length).toBe(lineCount)
    if (extension === 'json') expect(JSON.parse(text)).toEqual(rows.slice(0, 2))
    expect(server.recorded.at(-1)).toMatchObject({ kind: 'read.finished', recordsReturned: 2 })
  })

  test('ends Avro cleanly, without reading all of it', async () => {
    const response = await get(`${await server.leaf('a.avro', await avro())}&limit=10`)
    const records = await readAvro(new Uint8Array(await response.arrayBuffer()))
    expect(records.length).toBe(10)
    expect(server.recorded.at(-1)!.recordsProcessed).toBeLessThan(1000)
  })

  test('counts what is given, not what is dropped', async () => {
    server.policy = dropping
    const response = await get(`${await server.leaf('a.csv', csv)}&limit=2`, wantsNdjson)
    expect(lines(await response.text())).toMatchObject([{ id: '1' }, { id: '3' }])
  })

  test.each(['0', '-1', '1.5', 'x', ''])('%j is 400', async (limit) => {
    expect((await get(`${await server.leaf('a.csv', csv)}&limit=${limit}`)).status).toBe(400)
  })
})

describe('after', () => {
  test('goes on behind the records that the client has, dropped ones not counted', async () => {
    server.policy = dropping
    const url = await server.leaf('a.csv', csv)
    const whole = await get(url, wantsNdjson)
    const text = await whole.text()
    const response = await get(`${url}&after=1`, { ...wantsNdjson, 'if-match': whole.headers.get('etag')! })
    expect(await response.text()).toBe(text.slice(text.indexOf('\n') + 1))
    const fromTheStart = await get(`${url}&after=0`, { ...wantsNdjson, 'if-match': whole.headers.get('etag')! })
    expect(await fromTheStart.text()).toBe(text)
    const [behind, limited] = await Promise.all(
      ['&after=99', '&after=1&limit=2'].map(async (query) => {
        const etag = (await get(url + query.replace(/&after=\d+/u, ''), wantsNdjson, 'HEAD')).headers.get('etag')!
        return (await get(url + query, { ...wantsNdjson, 'if-match': etag })).text()
      }),
    )
    expect(behind).toBe('')
    expect(lines(limited!)).toMatchObject([{ id: '3' }])
  })

  test('is 412 when anything changed that the answer depends on', async () => {
    const url = await server.leaf('a.ndjson', ndjson)
    const etag = (await get(url, {}, 'HEAD')).headers.get('etag')!
    server.revision = 'r2'
    expect(await codeOf(await get(`${url}&after=1`, { 'if-match': etag }))).toEqual([412, 'request.precondition'])
    expect(server.recorded.at(-1)).toMatchObject({ kind: 'read.aborted', code: 'request.precondition' })
  })

  test.each([
    ['a.ndjson', {}, 'after: needs an if-match header with the etag of the answer that was cut'],
    ['a.ndjson', { 'if-match': '*' }, 'after: needs an if-match header with the etag of the answer that was cut'],
    ['a.csv', { 'if-match': '"x"' }, 'after: needs an answer in NDJSON: accept application/x-ndjson'],
  ])('of %s with %j is 400', async (name, headers, detail) => {
    const response = await get(`${await server.leaf(name, csv)}&after=1`, headers as Record<string, string>)
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([400, detail])
  })
})

describe('ETag', () => {
  const etagOf = async (url: string, headers: Record<string, string> = {}) =>
    (await get(url, headers, 'HEAD')).headers.get('etag')

  test('stays while nothing changes, and changes with each thing the answer depends on', async () => {
    const url = await server.leaf('a.ndjson', ndjson)
    const tags = [await etagOf(url)]
    expect(await etagOf(url)).toBe(tags[0])
    expect(tags[0]).toMatch(/^"[\w-]{27}"$/u)
    tags.push(await etagOf(`${url}&columns=id`), await etagOf(`${url}&limit=2`))
    tags.push(await etagOf(await server.leaf('b.ndjson', ndjson)))
    server.user = { ...server.user, attributes: { level: 2 } }
    tags.push(await etagOf(url))
    server.revision = 'r2'
    tags.push(await etagOf(url))
    tags.push(await etagOf(await server.leaf('c.ndjson', ndjson, { purpose: 'OTHER' })))
    tags.push(await etagOf(await server.leaf('c.ndjson', `${ndjson}{}\n`, { purpose: 'OTHER' })))
    expect(new Set(tags).size).toBe(tags.length)
    expect(await etagOf(`${url}&columns=name,id`)).toBe(await etagOf(`${url}&columns=/id,name`))
  })

  test('that the client has is 304, decided and recorded like any read', async () => {
    const url = await server.leaf('a.ndjson', ndjson)
    const whole = await get(url)
    const etag = whole.headers.get('etag')!
    expect(whole.headers.get('cache-control')).toBe('private, no-store')
    await whole.text()
    server.recorded.length = 0
    for (const tags of [etag, `"x", W/${etag}`, '*']) {
      const response = await get(url, { 'if-none-match': tags })
      expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', etag])
    }
    expect(server.recorded.map(({ kind }) => kind)).toEqual([
      'read.started',
      'read.finished',
      'read.started',
      'read.finished',
      'read.started',
      'read.finished',
    ])
    expect(server.recorded[1]).toMatchObject({ bytesWritten: 0 })
    expect((await get(url, { 'if-none-match': '"x"' })).status).toBe(200)
  })

  test('helps nobody past a denial: conditions are looked at after the decision', async () => {
    const url = await server.leaf('a.ndjson', ndjson)
    const etag = (await etagOf(url))!
    server.policy = { kind: 'deny', reasons: [{ code: 'x' }] }
    const headers: readonly Record<string, string>[] = [
      {},
      { 'if-none-match': etag },
      { 'if-none-match': '*' },
      { 'if-match': '"x"' },
      { range: 'bytes=100000-' },
    ]
    for (const header of headers) {
      const response = await get(url, header)
      expect(response.headers.has('etag')).toBe(false)
      expect(await codeOf(response)).toEqual([403, 'policy.denied'])
    }
  })
})

describe('Accept-Encoding', () => {
  const large = ndjson.repeat(2000)

  test.each(['gzip', 'br'])('%s is sent coded, with a tag of its own', async (coding) => {
    const url = await server.leaf('large.ndjson', large)
    const plain = await get(url, { 'accept-encoding': 'identity' })
    const response = await get(url, { 'accept-encoding': coding })
    expect(response.headers.get('content-encoding')).toBe(coding)
    expect(response.headers.get('vary')).toContain('accept-encoding')
    expect(response.headers.has('accept-ranges')).toBe(false)
    expect(response.headers.get('etag')).toBe(plain.headers.get('etag')!.replace(/"$/u, `-${coding}"`))
    expect(await response.text()).toBe(await plain.text())
    expect((await get(url, { 'if-none-match': response.headers.get('etag')! })).status).toBe(304)
  })

  test.each([
    ['gzip;q=0', undefined],
    ['gzip;q=0.4, br;q=0.9', 'br'],
    ['*', 'br'],
    ['identity, gzip;q=0.5', undefined],
    ['deflate', undefined],
    ['gzip, identity;q=0', 'gzip'],
  ])('%s is answered with %s', async (acceptEncoding, coding) => {
    const { message } = await rawGet(await server.leaf('a.ndjson', ndjson), { 'accept-encoding': acceptEncoding })
    expect(message.headers['content-encoding']).toBe(coding)
  })

  test('is not followed where the bytes are compressed already', async () => {
    const headers = { 'accept-encoding': 'gzip' }
    const deflated = await rawGet(await server.leaf('a.avro', await avro('deflate')), headers)
    expect(deflated.message.headers['content-encoding']).toBeUndefined()
    const plain = await rawGet(await server.leaf('b.avro', await avro('null')), headers)
    expect(plain.message.headers['content-encoding']).toBe('gzip')
    expect((await readAvro(gunzipSync(plain.body))).length).toBe(1000)
  })
})

describe('trailers', () => {
  test('have the records returned and the digest of what was sent, for a client that takes them', async () => {
    server.policy = dropping
    const url = await server.leaf('a.csv', csv)
    for (const encoding of ['identity', 'gzip']) {
      const { message, body } = await rawGet(url, { te: 'trailers', 'accept-encoding': encoding })
      expect(message.headers.trailer).toBe('repr-digest, x-records-returned')
      expect(message.trailers).toEqual({
        'repr-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
        'x-records-returned': '3',
      })
    }
  })

  test('are not sent to others', async () => {
    const { message } = await rawGet(await server.leaf('a.csv', csv), {})
    expect([message.headers.trailer, message.trailers]).toEqual([undefined, {}])
  })

  test('are not sent before HTTP/1.1, which knows none', async () => {
    const { hostname, port, pathname, search } = new URL(await server.leaf('a.csv', csv))
    const socket = connect(Number(port), hostname)
    socket.write(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${hostname}\r\nTE: trailers\r\n\r\n`)
    const answer = Buffer.concat(await socket.toArray()).toString()
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(csv)
  })

  test('count what a shape was made of, where bytes pass untouched', async () => {
    const { message } = await rawGet(await server.leaf('a.csv', csv), { te: 'trailers', ...wantsNdjson })
    expect(message.trailers['x-records-returned']).toBe('4')
  })
})

describe('HEAD', () => {
  test('says what GET would, without a byte, and is recorded', async () => {
    const url = await server.leaf('a.ndjson', ndjson)
    const response = await get(url, { 'accept-encoding': 'identity' }, 'HEAD')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-length': String(ndjson.length),
      'accept-ranges': 'bytes',
    })
    expect(server.recorded).toMatchObject([{ kind: 'read.started' }, { kind: 'read.finished', bytesWritten: 0 }])
    server.policy = masked
    const narrowed = await get(url, { 'accept-encoding': 'identity' }, 'HEAD')
    expect([narrowed.headers.has('content-length'), narrowed.headers.has('accept-ranges')]).toEqual([false, false])
  })
})

test.each(['identity', 'gzip', 'br'])(
  'what may no longer be seen stops a shaped answer in the middle (%s)',
  async (coding) => {
    const random = Array.from(
      { length: 400_000 },
      (_, id) => `${id},"${createHash('md5').update(`${id}`).digest('hex')}",1\r\n`,
    )
    const url = await server.leaf('large.csv', `id,name,pay\r\n${random.join('')}`)
    server.policy = masked
    const response = await get(url, { ...wantsNdjson, 'accept-encoding': coding })
    expect(response.status).toBe(200)
    server.policy = { kind: 'deny', reasons: [{ code: 'x' }] }
    await expect(response.arrayBuffer()).rejects.toThrow()
    // the connection is cut at once; what is told of it follows
    await expect
      .poll(() => server.recorded.at(-1))
      .toMatchObject({ kind: 'read.aborted', code: 'policy.denied', decision: 'deny' })
  },
)
