/** The pace of a transfer: a silent source is waited for, a client that takes nothing is not. */
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
