import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  type ControlPortOptions,
  controlPortAnswerBytesMax,
  createControlPorts,
} from '../../src/dataproduct/control-port.ts'
import { readDocuments } from '../../src/dataproduct/read-document.ts'

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const answering =
  (body: unknown, status = 200): RequestListener =>
  (_, response) => {
    response
      .writeHead(status, { location: 'http://127.0.0.1:1/' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  }

function documentsOf(url: unknown) {
  const text = `dataProduct:\n  name: assays\n  controlPort:\n    opaServerUrl: ${JSON.stringify(url)}\n`
  return readDocuments({ file: 'product.yaml', text }).documents
}

function ask(url: unknown, options: Partial<ControlPortOptions> = {}) {
  return createControlPorts({ allowHosts: [], allowHttp: true, ...options }).ask(documentsOf(url))
}

async function askServer(listener: RequestListener, options: Partial<ControlPortOptions> = {}) {
  await using server = await serve(listener)
  return await ask(`http://${server.host}/v1/data/dataproduct`, { allowHosts: [server.host], ...options })
}

describe('asking a control port', () => {
  test('a product that is valid there has no finding', async () => {
    let asked: unknown
    const answer = await askServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      asked = { url: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) }
      answering({ result: { valid: true, errors: [] } })(request, response)
    })
    expect(answer).toEqual({ asked: 1, findings: [], problems: [] })
    expect(asked).toMatchObject({
      url: '/v1/data/dataproduct/validation',
      body: { input: { dataProduct: { name: 'assays' } } },
    })
  })

  test('what it refuses is a finding, at the place it names or at the port', async () => {
    const errors = [
      { code: 'policy.missing', rule: 'RET-01', message: 'No retention.', path: ['dataProduct', 'name'] },
      'odd',
    ]
    const { findings, problems } = await askServer(answering({ result: { valid: false, errors } }))
    expect(problems).toEqual([])
    expect(findings).toMatchObject([
      {
        rule: 'CTL-01',
        severity: 'error',
        line: 2,
        message: 'The control port refuses this (policy.missing, RET-01): No retention.',
      },
      { rule: 'CTL-01', line: 4 },
    ])
  })

  test.each([
    ['undefined', answering({}), 'no result'],
    ['without a verdict', answering({ result: {} }), 'not {valid, errors}'],
    ['at odds with itself', answering({ result: { valid: true, errors: [{}] } }), 'valid and has errors'],
    ['invalid for no reason', answering({ result: { valid: false, errors: [] } }), 'says not why'],
    ['not JSON', answering('<html>'), 'not JSON'],
    ['an error', answering({}, 500), 'answered 500'],
    ['a redirect', answering({}, 302), 'redirects'],
    ['too large', answering(`"${'x'.repeat(controlPortAnswerBytesMax)}"`), 'larger than'],
  ])('an answer that is %s could not be checked', async (_, listener, said) => {
    const { findings, problems } = await askServer(listener)
    expect(findings).toEqual([])
    expect(problems).toEqual([{ file: 'product.yaml', message: expect.stringContaining(said) }])
  })

  test('a server that does not answer could not be checked', async () => {
    const { problems } = await askServer(() => undefined, { timeoutMs: 200 })
    expect(problems).toEqual([{ file: 'product.yaml', message: expect.stringContaining('no answer within 200 ms') }])
  })

  test.each([
    ['http://127.0.0.1:1/v1', ['127.0.0.1:1'], 'cannot be reached'],
    ['http://example.com/v1', ['example.com'], 'only https'],
    ['https://other.example/v1', ['opa.example'], '--allow-host other.example'],
    ['https://opa.example.evil.example/v1', ['opa.example'], 'not allowed'],
    ['https://opa.example@evil.example/v1', ['opa.example'], 'credentials'],
    ['file:///etc/passwd', [''], 'only https'],
    ['no url', [], 'not a URL'],
    [7, [], 'not a URL'],
  ])('%s is not asked', async (url, allowHosts, said) => {
    const { findings, problems } = await ask(url, { allowHosts })
    expect({ findings, problems }).toEqual({
      findings: [],
      problems: [{ file: 'product.yaml', message: expect.stringContaining(said) }],
    })
  })

  test('plain HTTP needs to be allowed, even on this machine', async () => {
    const { problems } = await ask('http://127.0.0.1:1/v1', { allowHosts: ['127.0.0.1:1'], allowHttp: false })
    expect(problems[0]?.message).toContain('only https')
  })
})
