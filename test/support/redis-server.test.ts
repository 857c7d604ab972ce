import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startRedisServer } from './redis-server.ts'

function connectTo(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  client.on('error', () => undefined)
  onTestFinished(() => client.disconnect())
  return client
}

test('the shared Redis answers', async () => {
  expect(await connectTo(inject('redisUrl')).ping()).toBe('PONG')
})

test('a durable Redis has its data after kill -9 and a restart on the same port', async () => {
  await using server = await startRedisServer()
  const client = connectTo(server.url)
  await client.set('kept', 'yes')
  await server.kill()
  await server.restart()
  expect(await client.get('kept')).toBe('yes')
})

test('a Redis that is not durable is empty after a restart', async () => {
  await using server = await startRedisServer({ durable: false })
  const client = connectTo(server.url)
  await client.set('kept', 'no')
  await server.restart()
  expect(await client.get('kept')).toBe(null)
})

test('a paused Redis does not answer until it is resumed', async () => {
  await using server = await startRedisServer()
  const client = connectTo(server.url)
  expect(await client.ping()).toBe('PONG')
  server.pause()
  let answered = false
  const pong = client.ping().then((answer) => {
    answered = true
    return answer
  })
  await expectNothingFor(200)
  expect(answered).toBe(false)
  server.resume()
  expect(await pong).toBe('PONG')
})

test('a stopped Redis refuses connections', async () => {
  const server = await startRedisServer()
  await server.stop()
  const client = new Redis(server.url, { retryStrategy: () => null, lazyConnect: true })
  client.on('error', () => undefined)
  await expect(client.connect()).rejects.toThrow('Connection is closed')
})

test('a Redis that cannot start says why', async () => {
  await expect(startRedisServer({ args: ['--no-such-option', '1'] })).rejects.toThrow(
    /ended while starting[\s\S]*no-such-option/,
  )
})

function expectNothingFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
