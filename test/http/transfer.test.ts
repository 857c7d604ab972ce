/** The pace of a transfer: a silent source is waited for, a client that takes nothing is not. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { signalOf, transfer } from '../../src/http/transfer.ts'

async function serve(bytes: () => AsyncIterable<Uint8Array>, stallMsMax: number, connectionTimeout: number) {
  const app = fastify({ connectionTimeout, forceCloseConnections: true })
  app.get('/', (_request, reply) =>
    transfer(reply, { mediaType: 'text/plain', bytes: bytes(), cut: signalOf(reply), stallMsMax }),
  )
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, [Symbol.asyncDispose]: () => app.close() }
}

test('a source may be silent for longer than a connection may be idle', async () => {
  await using server = await serve(
    async function* () {
      yield Buffer.from('a')
      await sleep(500)
      yield Buffer.from('b')
    },
    100,
    100,
  )
  expect(await (await fetch(server.url)).text()).toBe('ab')
})

test('a client that takes nothing is cut off', async () => {
  let closed = false
  await using server = await serve(
    async function* () {
      try {
        for (;;) yield Buffer.alloc(256 * 1024)
      } finally {
        closed = true
      }
    },
    200,
    60_000,
  )
  const response = await fetch(server.url)
  while (!closed) await sleep(10)
  await expect(response.arrayBuffer()).rejects.toThrow('terminated')
})

/** What the connection of an HTTP/1.0 client came to, where only its end says that the answer is whole. */
async function endingOf(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname).resume()
  socket.write(`GET / HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`)
  const broken = once(socket, 'error').then(() => 'reset')
  return Promise.race([broken, once(socket, 'end').then(() => 'ended')])
}

test('before HTTP/1.1, a source that breaks resets the connection, for its end alone would look clean', async () => {
  await using server = await serve(
    async function* () {
      yield Buffer.alloc(1024)
      await sleep(50)
      throw new Error('broken')
    },
    1_000,
    60_000,
  )
  expect(await endingOf(server.url)).toBe('reset')
})

test('before HTTP/1.1, what must be cut resets the connection, also while the source is silent', async () => {
  const cutting = new AbortController()
  const app = fastify({ forceCloseConnections: true })
  app.get('/', (_request, reply) => {
    setTimeout(() => cutting.abort(), 100)
    async function* bytes() {
      yield Buffer.alloc(1024)
      await sleep(2_000)
    }
    return transfer(reply, { mediaType: 'text/plain', bytes: bytes(), cut: cutting.signal })
  })
  try {
    expect(await endingOf(await app.listen({ host: '127.0.0.1', port: 0 }))).toBe('reset')
  } finally {
    await app.close()
  }
})

test('before HTTP/1.1, a whole answer ends cleanly', async () => {
  await using server = await serve(
    async function* () {
      yield Buffer.alloc(1024)
    },
    1_000,
    60_000,
  )
  expect(await endingOf(server.url)).toBe('ended')
})
