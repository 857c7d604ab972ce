/** The edge over the real services and policies: the HR example in this process, asked in both protocols and by the command line's own client. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import avsc from 'avsc'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { readConfig } from '../../src/app/config.ts'
import { type Server, startServer } from '../../src/app/server.ts'
import { createClient, type Item } from '../../src/cli/client.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { post, problemOf } from './support/edge.ts'

const leafId = 'file:/data/hr/employee_file0.avro'
const context = { purpose: 'SALARY' }

async function startHr(audit: string): Promise<Server> {
  const file = join(repositoryFolder, 'examples/hr/portcullis.yaml')
  const config = await readConfig(file, { HR_AUDIT: audit }, { listen: '127.0.0.1:0', services: undefined })
  return startServer(config, { quiet: true })
}

async function records(bytes: AsyncIterable<Uint8Array>): Promise<{ uid: unknown; bankDetails: unknown }[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  const decoder = new avsc.streams.BlockDecoder()
  const found: { uid: unknown; bankDetails: unknown }[] = []
  decoder.end(Buffer.concat(chunks))
  for await (const record of decoder) found.push(record)
  return found
}

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const found: Value[] = []
  for await (const value of values) found.push(value)
  return found
}

test('the command line’s client registers, follows, reads and revokes', async () => {
  await using folder = await createTempFolder('audit')
  await using server = await startHr(folder.path)
  const client = createClient({ server: server.url })
  const token = await client.register({ userId: 'Alice', resourceId: 'file:/data/hr/', context })
  const items = await all<Item>(client.items(token))
  expect(items.map((item) => (item.kind === 'leaf' ? item.leaf.id : item.kind))).toEqual([
    leafId,
    'file:/data/hr/employee_file1.avro',
    'complete',
  ])
  expect(await all(client.items(token, 1))).toEqual(items.slice(1))
  const { mediaType, bytes } = await client.read(token, leafId)
  expect(mediaType).toBe('avro/binary')
  expect(await records(bytes)).toHaveLength(5)
  await client.revoke(token)
  await expect(client.read(token, leafId)).rejects.toMatchObject({ code: 'token.unknown' })
})

test('the predecessor’s client is given the same leaf and the same bytes', async () => {
  await using folder = await createTempFolder('audit')
  await using server = await startHr(folder.path)
  const body = { userId: 'Alice', resourceId: leafId, context }
  const { token } = (await (await post(`${server.url}/palisade/api/registerDataRequest`, body)).json()) as {
    token: string
  }
  const frames = await follow(`${server.url.replace('http', 'ws')}/filteredResource/resource/${token}`)
  expect(frames).toEqual([
    {
      type: 'RESOURCE',
      headers: { 'x-request-token': token },
      body: JSON.stringify({
        '@class': 'uk.gov.gchq.palisade.resource.impl.FileResource',
        id: leafId,
        type: 'uk.gov.gchq.syntheticdatagenerator.types.Employee',
        serialisedFormat: 'avro/binary',
        connectionDetail: {
          '@class': 'uk.gov.gchq.palisade.resource.impl.SimpleConnectionDetail',
          serviceName: 'data-service',
        },
        attributes: {},
      }),
    },
    { type: 'COMPLETE', headers: { 'x-request-token': token }, body: null },
  ])
  const palisade = await post(`${server.url}/data/read/chunked`, { token, leafResourceId: leafId })
  const native = await createClient({ server: server.url }).read(token, leafId)
  expect(await records(palisade.body as unknown as AsyncIterable<Uint8Array>)).toEqual(await records(native.bytes))
})

test('a user nobody knows, and one whose account is suspended, are told so in both protocols', async () => {
  await using folder = await createTempFolder('audit')
  await using server = await startHr(folder.path)
  for (const [userId, code] of [
    ['Nobody', 'user.unknown'],
    ['Mallory', 'user.denied'],
  ] as const) {
    const client = createClient({ server: server.url })
    const token = await client.register({ userId, resourceId: 'file:/data/hr/', context })
    expect(await all(client.items(token))).toMatchObject([{ kind: 'error', failure: { code } }, { kind: 'complete' }])
    const frames = await follow(`${server.url.replace('http', 'ws')}/resource/${token}`)
    expect(frames).toMatchObject([{ type: 'ERROR', headers: { 'service-name': 'user-service' } }, { type: 'COMPLETE' }])
    const read = await post(`${server.url}/data/read/chunked`, { token, leafResourceId: leafId })
    expect(await problemOf(read)).toMatchObject({ status: 403, code: 'grant.unknown' })
  }
})

test('what was registered, delivered, read and refused is in the audit log, and no token is', async () => {
  await using folder = await createTempFolder('audit')
  const tokens: string[] = []
  {
    await using server = await startHr(folder.path)
    const client = createClient({ server: server.url })
    const token = await client.register({ userId: 'Alice', resourceId: 'file:/data/hr/', context })
    tokens.push(token)
    await all(client.items(token))
    await all((await client.read(token, leafId)).bytes)
    await expect(client.read(token, 'file:/data/hr/none.avro')).rejects.toMatchObject({ code: 'grant.unknown' })
  }
  const texts = await Promise.all((await readdir(folder.path)).map((name) => readFile(join(folder.path, name), 'utf8')))
  const text = texts.join('')
  for (const kind of ['request.registered', 'leaf.delivered', 'read.started', 'read.finished', 'read.denied'])
    expect(text).toContain(`"${kind}"`)
  for (const token of tokens) expect(text).not.toContain(token)
})

/** CTS until COMPLETE, as the predecessor's clients do. */
async function follow(url: string): Promise<unknown[]> {
  const socket = new WebSocket(url)
  const frames: { type: string }[] = []
  await new Promise<void>((resolve, reject) => {
    const clearToSend = () => socket.send('{"type":"CTS"}')
    socket.on('open', clearToSend)
    socket.on('error', reject)
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as { type: string }
      frames.push(frame)
      if (frame.type === 'COMPLETE') socket.close()
      else clearToSend()
    })
    socket.on('close', () => resolve())
  })
  return frames
}
