/** The predecessor's websocket, frame by frame (its facts, 3.7.2), over a real socket. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { PortcullisError } from '../../src/domain/errors.ts'
import { type Edge, post, startEdge } from '../http/support/edge.ts'
import { completeItem, errorItem, leafItem } from '../http/support/memory-api.ts'

async function register(edge: Edge): Promise<string> {
  const body = { userId: 'Alice', resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } }
  const response = await post(`${edge.url}/palisade/api/registerDataRequest`, body)
  return ((await response.json()) as { token: string }).token
}

const cts = { type: 'CTS' }
const complete = (token: string) => ({ type: 'COMPLETE', headers: { 'x-request-token': token }, body: null })
const pong = (token: string) => ({ type: 'PONG', headers: { 'x-request-token': token }, body: null })
const error = (token: string, service: string, message: string) => ({
  type: 'ERROR',
  headers: { 'service-name': service, 'x-request-token': token },
  body: JSON.stringify(message),
})
const resource = (token: string, position: number) => ({
  type: 'RESOURCE',
  headers: { 'x-request-token': token },
  body: JSON.stringify({
    '@class': 'uk.gov.gchq.palisade.resource.impl.FileResource',
    id: `file:/data/hr/leaf${position}.avro`,
    type: 'a.b.Employee',
    serialisedFormat: 'avro/binary',
    connectionDetail: {
      '@class': 'uk.gov.gchq.palisade.resource.impl.SimpleConnectionDetail',
      serviceName: 'data-service',
    },
    attributes: {},
  }),
})
const unknown = 'There is no such request, or it has ended.'

describe.each(['/filteredResource/resource', '/resource'])('%s/{token}', (path) => {
  test('answers each CTS with one item: leaves, errors, one COMPLETE', async () => {
    await using edge = await startEdge()
    const token = await register(edge)
    edge.api.put(token, leafItem(0), errorItem(1), leafItem(2), completeItem(3))
    const socket = edge.socket(`${path}/${token}`)
    await socket.opened
    for (const expected of [
      resource(token, 0),
      error(token, 'user-service', 'The user is not known here.'),
      resource(token, 2),
      complete(token),
    ]) {
      socket.send(cts)
      expect(await socket.next()).toEqual(expected)
    }
    socket.socket.close()
    expect(await socket.closed).toBe(1005)
  })

  test('gives one ERROR and then COMPLETE for a token that is unknown, revoked or none', async () => {
    await using edge = await startEdge()
    const revoked = await register(edge)
    await fetch(`${edge.url}/api/v1/requests/${revoked}`, { method: 'DELETE' })
    for (const token of [randomUUID(), revoked, 'no-token']) {
      const socket = edge.socket(`${path}/${token}`)
      await socket.opened
      socket.send({ type: 'PING' })
      expect(await socket.next()).toEqual(pong(token))
      socket.send(cts)
      expect(await socket.next()).toEqual(error(token, 'filtered-resource-service', unknown))
      socket.send(cts)
      expect(await socket.next()).toEqual(complete(token))
      socket.socket.close()
    }
  })
})

describe('a resource socket', () => {
  async function open(edge: Edge) {
    const token = await register(edge)
    const socket = edge.socket(`/filteredResource/resource/${token}`)
    await socket.opened
    return { token, socket }
  }

  test('sends, and takes from the ledger, nothing before a CTS', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    edge.api.put(token, leafItem(0), completeItem(1))
    socket.send({ type: 'PING' })
    expect(await socket.next()).toEqual(pong(token))
    expect(edge.api.signals).toEqual([])
    socket.send(cts)
    expect(await socket.next()).toEqual(resource(token, 0))
  })

  test('takes several CTS ahead, and answers each as its item comes', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    for (let count = 0; count < 3; count++) socket.send(cts)
    edge.api.put(token, leafItem(0))
    expect(await socket.next()).toEqual(resource(token, 0))
    edge.api.put(token, leafItem(1), completeItem(2))
    expect(await socket.next()).toEqual(resource(token, 1))
    expect(await socket.next()).toEqual(complete(token))
  })

  test('answers 100 PINGs with 100 PONGs, also while a CTS waits', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    socket.send(cts)
    for (let count = 0; count < 100; count++) socket.send({ type: 'PING' })
    for (let count = 0; count < 100; count++) expect(await socket.next()).toEqual(pong(token))
    edge.api.put(token, completeItem(0))
    expect(await socket.next()).toEqual(complete(token))
  })

  test('answers no CTS after COMPLETE, but still PING, and leaves closing to the client', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    edge.api.put(token, completeItem(0))
    socket.send(cts)
    expect(await socket.next()).toEqual(complete(token))
    socket.send(cts)
    socket.send({ type: 'PING' })
    expect(await socket.next()).toEqual(pong(token))
    expect(socket.socket.readyState).toBe(socket.socket.OPEN)
  })

  test('takes whole frames as the Java clients write them, and ignores types only servers send', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    edge.api.put(token, completeItem(0))
    for (const type of ['PONG', 'RESOURCE', 'ERROR', 'COMPLETE']) socket.send({ type, headers: {}, body: 'x' })
    socket.send({ type: 'CTS', headers: { 'x-request-token': token }, body: null })
    expect(await socket.next()).toEqual(complete(token))
  })

  test.each([
    ['{"type":"CTS"', 'frame: is not valid JSON', 1008],
    ['[]', 'frame: must be an object', 1008],
    ['null', 'frame: must be an object', 1008],
    ['{}', 'type: is none that a client sends', 1008],
    ['{"type":"cts"}', 'type: is none that a client sends', 1008],
    ['{"type":["CTS"]}', 'type: is none that a client sends', 1008],
    ['{"type":"CTS","body":{}}', 'body: must be a string or null', 1008],
    ['{"type":"CTS","headers":[]}', 'headers: must be an object', 1008],
    ['{"type":"CTS","more":1}', 'frame: has more than type, headers and body', 1008],
  ])('answers %s with an ERROR and closes', async (frame, message, code) => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    socket.send(frame)
    expect(await socket.next()).toEqual(error(token, 'filtered-resource-service', message))
    expect(await socket.closed).toBe(code)
    expect(edge.api.signals).toEqual([])
  })

  test('answers a binary frame with an ERROR and closes', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    socket.socket.send(Buffer.from('{"type":"CTS"}'))
    expect(await socket.next()).toEqual(error(token, 'filtered-resource-service', 'frame: must be text'))
    expect(await socket.closed).toBe(1003)
  })

  test('ends with ERROR and COMPLETE when the request is revoked while a CTS waits', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    edge.api.put(token, leafItem(0))
    socket.send(cts)
    expect(await socket.next()).toEqual(resource(token, 0))
    socket.send(cts)
    await fetch(`${edge.url}/api/v1/requests/${token}`, { method: 'DELETE' })
    expect(await socket.next()).toEqual(error(token, 'filtered-resource-service', unknown))
    socket.send(cts)
    expect(await socket.next()).toEqual(complete(token))
  })

  test('says of a store that cannot be reached no more than that', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    edge.api.failNext(new PortcullisError('store.unavailable', { cause: new Error('redis://secret') }))
    socket.send(cts)
    const message = 'The token store cannot be reached. Try again.'
    expect(await socket.next()).toEqual(error(token, 'filtered-resource-service', message))
    socket.send(cts)
    expect(await socket.next()).toEqual(complete(token))
    expect(edge.log.filter(({ event }) => event === 'http.fault')).toHaveLength(1)
  })

  test('of which the client is gone follows its ledger no longer', async () => {
    await using edge = await startEdge()
    const { socket } = await open(edge)
    socket.send(cts)
    await until(() => edge.api.signals.length === 1)
    socket.socket.terminate()
    await until(() => edge.api.signals[0]!.aborted)
  })

  test('gives a second socket the same items again', async () => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    edge.api.put(token, errorItem(0), completeItem(1))
    const again = edge.socket(`/resource/${token}`)
    await again.opened
    for (const one of [socket, again]) {
      one.send(cts)
      expect(await one.next()).toEqual(error(token, 'user-service', 'The user is not known here.'))
    }
  })

  test.each([
    ['request', 'palisade-service'],
    ['user', 'user-service'],
    ['resource', 'resource-service'],
    ['policy', 'policy-service'],
    ['masking', 'attribute-masking-service'],
    ['delivery', 'filtered-resource-service'],
    ['data', 'data-service'],
  ])('names %s as %s, as its clients know it', async (stage, service) => {
    await using edge = await startEdge()
    const { token, socket } = await open(edge)
    edge.api.put(token, { kind: 'error', position: 0, failure: { code: 'internal', message: 'm "q"', stage } })
    socket.send(cts)
    expect(await socket.next()).toEqual({
      type: 'ERROR',
      headers: { 'service-name': service, 'x-request-token': token },
      body: '"m \\"q\\""',
    })
  })

  test('is told when the server stops', async () => {
    const edge = await startEdge()
    const { socket } = await open(edge)
    socket.send(cts)
    await until(() => edge.api.signals.length === 1)
    await edge.app.close()
    expect(await socket.closed).toBe(1001)
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}
