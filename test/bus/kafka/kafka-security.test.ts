/** The bus over a broker that wants TLS, a client certificate, or a password: a real one, with a listener of each kind. */
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBus } from '../../../src/app/adapters.ts'
import { parseConfig } from '../../../src/app/config.ts'
import { createLog } from '../../../src/app/log.ts'
import { createKafkaBus, type KafkaBusOptions } from '../../../src/bus/kafka/kafka-bus.ts'
import { createClient } from '../../../src/cli/client.ts'
import { systemClock } from '../../../src/domain/clock.ts'
import { createKafkaClient } from '../../../src/remote/kafka/client.ts'
import { createCertificateAuthority } from '../../support/certificates.ts'
import { freePorts, LOOPBACK } from '../../support/free-port.ts'
import { type KafkaBroker, startKafkaBroker } from '../../support/kafka-broker.ts'
import { startHrPortcullis } from '../../support/portcullis-process.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { aTlsRedis, filesOf } from '../../tokens/redis/support.ts'
import { newToken, readTopic, requestOf } from '../support.ts'

const authority = createCertificateAuthority()
const server = authority.issue('broker', [LOOPBACK])
const client = authority.issue('portcullis', [])
const username = 'portcullis'
const password = 'correct horse'
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

let broker: KafkaBroker
let ports: { readonly tls: number; readonly mutual: number; readonly sasl: number; readonly saslTls: number }

/** As a value of a properties file. */
const escaped = (pem: string) => pem.replaceAll('\n', '\\n')

function saslProperties(listener: string): Record<string, string> {
  const login = (module: string, more: string) =>
    `org.apache.kafka.common.security.${module}LoginModule required${more};`
  return {
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: mechanisms.map((name) => name.toUpperCase()).join(','),
    [`listener.name.${listener}.plain.sasl.jaas.config`]: login('plain.Plain', ` user_${username}="${password}"`),
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: login('scram.Scram', ''),
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: login('scram.Scram', ''),
  }
}

beforeAll(async () => {
  const [tls, mutual, sasl, saslTls] = (await freePorts(4)) as [number, number, number, number]
  ports = { tls, mutual, sasl, saslTls }
  broker = await startKafkaBroker({
    listeners: {
      TLS: { port: tls, protocol: 'SSL' },
      MUTUAL: { port: mutual, protocol: 'SSL' },
      SASL: { port: sasl, protocol: 'SASL_PLAINTEXT' },
      SASLTLS: { port: saslTls, protocol: 'SASL_SSL' },
    },
    scramUsers: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((one) => `${one}=[name=${username},password=${password}]`),
    properties: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': escaped(server.cert),
      'ssl.keystore.key': escaped(server.key),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': escaped(authority.ca),
      'listener.name.mutual.ssl.client.auth': 'required',
      ...saslProperties('sasl'),
      ...saslProperties('sasltls'),
    },
  })
}, 120_000)
afterAll(() => broker?.stop())

const quiet = () => undefined
type Said = { readonly event: string; readonly fields: object }

async function openBus(access: Omit<KafkaBusOptions, 'log' | 'clock' | 'topicPrefix'>) {
  const said: Said[] = []
  const say = (fields: object, event: string) => void said.push({ fields, event })
  const bus = await createKafkaBus({
    ...access,
    topicPrefix: `${randomUUID()}.`,
    partitions: 1,
    log: { info: quiet, warn: say, error: say },
    clock: systemClock,
  })
  return { bus, said, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() }
}

/** That a message gets through: published, read, acknowledged. */
async function carries(access: Parameters<typeof openBus>[0]): Promise<void> {
  await using opened = await openBus(access)
  const token = newToken()
  await opened.bus.publish('request', requestOf(token))
  const reading = readTopic(opened.bus)
  await reading.has(3)
  expect(reading.items).toEqual(requestOf(token))
  await opened.bus.check()
}

/** That none does, and that the log says why in a word. */
async function refuses(access: Parameters<typeof openBus>[0], reason: unknown): Promise<void> {
  await using opened = await openBus(access)
  await expect(opened.bus.check()).rejects.toMatchObject({ code: 'bus.unavailable' })
  await expect
    .poll(() => opened.said, { timeout: 20_000 })
    .toContainEqual({ event: 'bus.waiting', fields: expect.objectContaining({ reason }) })
}

const at = (port: number) => `${LOOPBACK}:${port}`
const { ca } = authority

describe('a broker behind TLS', () => {
  test('carries messages where its certificate is of an authority that is trusted', () =>
    carries({ brokers: at(ports.tls), tls: { ca } }))

  test('is not talked to where it is of another', () =>
    refuses(
      { brokers: at(ports.tls), tls: { ca: createCertificateAuthority('Another').ca } },
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ))

  test('is not talked to where it is for another name', () =>
    refuses({ brokers: at(ports.tls), tls: { ca, servername: 'other.example' } }, 'ERR_TLS_CERT_ALTNAME_INVALID'))

  test('that wants a certificate takes ours, and nobody without', async () => {
    await carries({ brokers: at(ports.mutual), tls: { ca, ...client } })
    await refuses({ brokers: at(ports.mutual), tls: { ca } }, expect.stringMatching(/^ERR_SSL_|^ECONNRESET$/u))
  })
})

describe.each(mechanisms)('a broker that wants %s', (mechanism) => {
  test('carries messages for who knows the password, within TLS and without', async () => {
    const sasl = { mechanism, username, password }
    await carries({ brokers: at(ports.saslTls), tls: { ca }, sasl })
    await carries({ brokers: at(ports.sasl), sasl })
  })

  test('refuses another password', () =>
    refuses(
      { brokers: at(ports.sasl), sasl: { mechanism, username, password: 'wrong' } },
      'KafkaJSSASLAuthenticationError',
    ))

  test('is read from by the catalogue’s client with the same words', async () => {
    using reader = createKafkaClient({
      brokers: [at(ports.sasl)],
      timeoutMs: 10_000,
      tls: false,
      credentials: { mechanism, username, password },
    })
    const { signal } = new AbortController()
    expect(Array.isArray(await reader.topics(undefined, signal))).toBe(true)
    using stranger = createKafkaClient({
      brokers: [at(ports.sasl)],
      timeoutMs: 10_000,
      tls: false,
      credentials: { mechanism, username, password: 'wrong' },
    })
    await expect(stranger.topics(undefined, signal)).rejects.toMatchObject({ code: 'source.forbidden' })
  })
})

test('the configuration names files of the certificates and of the password, relative to its own', async () => {
  await using folder = await createTempFolder('kafka-security')
  const files = { 'ca.pem': ca, 'own.pem': client.cert, 'own.key': client.key, password: `${password}\n` }
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder.path, name), text)))
  const bus = {
    kind: 'kafka',
    brokers: at(ports.saslTls),
    topicPrefix: `${randomUUID()}.`,
    ssl: { ca: 'ca.pem', cert: 'own.pem', key: 'own.key' },
    sasl: { mechanism: 'scram-sha-512', username, passwordFile: 'password' },
  }
  const config = parseConfig(
    {
      listen: '127.0.0.1:0',
      authentication: { kind: 'none' },
      policy: { bundle: 'access.tar.gz' },
      directory: { kind: 'file', file: 'users.yaml' },
      catalogue: { roots: [{ id: 'file:/data/', folder: 'data' }] },
      bus,
      tokens: { kind: 'redis', url: 'rediss://localhost' },
      audit: { folder: 'audit' },
    },
    { folder: folder.path },
  )
  const log = createLog('silent')
  const open = () => createBus(config.bus, { log, clock: systemClock })
  {
    await using opened = await open()
    await opened.publish('request', requestOf(newToken()))
  }
  await rm(join(folder.path, 'password'))
  await expect(open()).rejects.toMatchObject({
    code: 'config.invalid',
    message: 'The configuration is not valid:\n  /bus/sasl/passwordFile: the file cannot be read',
  })
})

test('a whole server registers, decides and serves over Kafka and Redis, each by TLS and with a password', async () => {
  const redis = await aTlsRedis({ ca, ...server }, ['--tls-auth-clients', 'no', '--requirepass', password])
  const file = await filesOf({ ca, password })
  await using portcullis = await startHrPortcullis({
    changes: {
      bus: {
        kind: 'kafka',
        brokers: at(ports.saslTls),
        topicPrefix: `${randomUUID()}.`,
        partitions: '${PARTITIONS}',
        ssl: { ca: file('ca') },
        sasl: { mechanism: 'scram-sha-256', username, password: '${KAFKA_PASSWORD}' },
      },
      tokens: { kind: 'redis', url: redis.url, tls: { ca: file('ca') }, passwordFile: file('password') },
    },
    env: { KAFKA_PASSWORD: password, PARTITIONS: '1' },
  })
  const { register, items, read } = createClient({ server: portcullis.url })
  await expect.poll(async () => (await fetch(`${portcullis.url}/health/ready`)).status, { timeout: 30_000 }).toBe(200)
  const resourceId = 'file:/data/hr/employee_file0.avro'
  const token = await register({ userId: 'Alice', resourceId, context: { purpose: 'SALARY' } })
  const found: string[] = []
  for await (const item of items(token)) found.push(item.kind === 'leaf' ? item.leaf.id : item.kind)
  expect(found).toEqual([resourceId, 'complete'])
  let bytes = 0
  for await (const chunk of (await read(token, resourceId)).bytes) bytes += chunk.length
  expect(bytes).toBeGreaterThan(0)
  expect(portcullis.log()).not.toContain(password)
}, 90_000)
