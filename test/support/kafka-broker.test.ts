import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { expect, inject, onTestFinished, test } from 'vitest'
import { freePort } from './free-port.ts'
import { startKafkaBroker } from './kafka-broker.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const BROKER_TEST_TIMEOUT_MS = 120_000

function clientOf(brokers: readonly string[]): Kafka {
  return new Kafka({
    clientId: 'test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50 },
  })
}

async function createTopic(kafka: Kafka): Promise<string> {
  const topic = `t-${randomUUID()}`
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  // a busy broker may still deny that it has it
  await expect.poll(() => admin.fetchTopicOffsets(topic).catch(() => []), { timeout: 30_000 }).toHaveLength(1)
  await admin.disconnect()
  return topic
}

async function send(kafka: Kafka, topic: string, value: string): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, messages: [{ value }] })
  await producer.disconnect()
}

async function receive(kafka: Kafka, topic: string, count: number): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: randomUUID() })
  onTestFinished(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const values: string[] = []
  return new Promise((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(String(message.value))
          if (values.length === count) resolve(values)
        },
      })
      .catch(reject)
  })
}

test('a message goes round through the shared Kafka', async () => {
  const kafka = clientOf(inject('kafkaBrokers'))
  const topic = await createTopic(kafka)
  await send(kafka, topic, 'hello')
  expect(await receive(kafka, topic, 1)).toEqual(['hello'])
})

test('a Kafka killed with -9 has its messages after a restart on the same port', {
  timeout: BROKER_TEST_TIMEOUT_MS,
}, async () => {
  await using broker = await startKafkaBroker()
  const kafka = clientOf(broker.brokers)
  const topic = await createTopic(kafka)
  await send(kafka, topic, 'before')
  await broker.kill()
  await broker.restart()
  await send(kafka, topic, 'after')
  expect(await receive(kafka, topic, 2)).toEqual(['before', 'after'])
})

test('all traffic to a Kafka that advertises a proxy goes through the proxy', {
  timeout: BROKER_TEST_TIMEOUT_MS,
}, async () => {
  const port = await freePort()
  await using proxy = await startTcpProxy({ port })
  await using broker = await startKafkaBroker({ port, advertisedPort: proxy.port })
  expect(broker.port).toBe(port)
  const kafka = clientOf([proxy.address])
  const topic = await createTopic(kafka)
  await proxy.refuse()
  await expect(send(clientWithoutRetry([proxy.address]), topic, 'lost')).rejects.toThrow()
  await proxy.accept()
  await send(kafka, topic, 'through')
  expect(await receive(kafka, topic, 1)).toEqual(['through'])
})

function clientWithoutRetry(brokers: readonly string[]): Kafka {
  return new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
}
