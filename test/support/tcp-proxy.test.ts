import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { LOOPBACK } from './free-port.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

test('without a fault, bytes and the end pass unchanged in both directions', async () => {
  const { proxy } = await proxiedEcho()
  const client = connectTo(proxy)
  client.end('hello')
  expect(await text(client)).toBe('hello')
})

test('latency delays what is sent and what is answered', async () => {
  const { proxy } = await proxiedEcho()
  proxy.setFault({ kind: 'latency', ms: 60 })
  const started = performance.now()
  const client = connectTo(proxy)
  client.end('hello')
  expect(await text(client)).toBe('hello')
  expect(performance.now() - started).toBeGreaterThanOrEqual(110)
})

test('a reset comes after exactly the given bytes', async () => {
  const { proxy } = await proxiedEcho()
  proxy.setFault({ kind: 'reset-after', bytes: 3 })
  const client = connectTo(proxy)
  client.write('hello')
  expect(await readUntilBroken(client)).toEqual({ received: 'hel', code: 'ECONNRESET' })
})

test('the count of a reset begins anew with each fault, on an open connection', async () => {
  const { proxy } = await proxiedEcho()
  const client = connectTo(proxy)
  client.write('12345')
  expect(String(await once(client, 'data'))).toBe('12345')
  proxy.setFault({ kind: 'reset-after', bytes: 2 })
  client.write('67890')
  expect(await readUntilBroken(client)).toEqual({ received: '67', code: 'ECONNRESET' })
})

test('a black hole keeps the connection and swallows what is sent', async () => {
  const { proxy, seenByServer } = await proxiedEcho()
  proxy.setFault({ kind: 'black-hole' })
  const client = connectTo(proxy)
  client.write('lost')
  await expect(once(client, 'data', { signal: AbortSignal.timeout(150) })).rejects.toThrow('aborted')
  expect(client.closed).toBe(false)
  proxy.setFault(undefined)
  client.end('found')
  expect(await text(client)).toBe('found')
  expect(seenByServer()).toBe('found')
})

test('a half-close ends the client’s input while it can still send', async () => {
  const { proxy, seenByServer, serverEnded } = await proxiedEcho()
  proxy.setFault({ kind: 'half-close-after', bytes: 2 })
  const client = connectTo(proxy)
  const [inputEnded, chunk] = [once(client, 'end'), once(client, 'data')]
  client.write('hello')
  expect(String(await chunk)).toBe('he')
  await inputEnded
  client.end(' again')
  await serverEnded
  expect(seenByServer()).toBe('hello again')
})

test('reset connections break, new ones are served', async () => {
  const { proxy } = await proxiedEcho()
  const first = connectTo(proxy)
  first.write('a')
  await once(first, 'data')
  expect(proxy.connections).toBe(1)
  proxy.resetConnections()
  expect(await readUntilBroken(first)).toEqual({ received: '', code: 'ECONNRESET' })
  const second = connectTo(proxy)
  second.end('b')
  expect(await text(second)).toBe('b')
})

test('a proxy that refuses can accept again on the same port', async () => {
  const { proxy } = await proxiedEcho()
  await proxy.refuse()
  expect(await readUntilBroken(connectTo(proxy))).toEqual({ received: '', code: 'ECONNREFUSED' })
  await proxy.accept()
  const client = connectTo(proxy)
  client.end('back')
  expect(await text(client)).toBe('back')
})

test('a server that is away resets the client', async () => {
  const { proxy, server } = await proxiedEcho()
  server.close()
  const client = connectTo(proxy)
  expect(await readUntilBroken(client)).toEqual({ received: '', code: 'ECONNRESET' })
})

async function proxiedEcho() {
  let seen = ''
  let ended: () => void
  const serverEnded = new Promise<void>((resolve) => {
    ended = resolve
  })
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      seen += String(chunk)
    })
    socket.on('end', () => ended())
    socket.pipe(socket)
  }).listen(0, LOOPBACK)
  await once(server, 'listening')
  const proxy = await startTcpProxy({ port: (server.address() as AddressInfo).port })
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]()
    server.close()
  })
  return { proxy, server, serverEnded, seenByServer: () => seen }
}

function connectTo(proxy: TcpProxy): Socket {
  const client = connect({ port: proxy.port, host: LOOPBACK, allowHalfOpen: true })
  onTestFinished(() => void client.destroy())
  return client
}

async function readUntilBroken(client: Socket): Promise<{ received: string; code: unknown }> {
  let received = ''
  try {
    for await (const chunk of client) received += String(chunk)
    return { received, code: undefined }
  } catch (error) {
    return { received, code: (error as NodeJS.ErrnoException).code }
  }
}
