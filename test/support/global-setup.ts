/** Vitest global setup: one Kafka and one Redis shared by a whole run, each started only when a test file of the run asks for it. */
import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { startKafkaBroker } from './kafka-broker.ts'
import { reachableTexts } from './reachable-texts.ts'
import { startRedisServer } from './redis-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of a Kafka shared by the run: use topics and groups of your own. */
    kafkaBrokers: string[]
    /** A Redis shared by the run: use keys of your own, never flush it. */
    redisUrl: string
  }
}

const servers: AsyncDisposable[] = []

export async function setup(project: TestProject): Promise<void> {
  const texts = await reachableTexts(await filesOfRun(project))
  const asks = (name: string) => texts.some((text) => text.includes(`inject('${name}')`))
  const results = await Promise.allSettled([
    asks('kafkaBrokers') && provideKafka(project),
    asks('redisUrl') && provideRedis(project),
  ])
  const failed = results.find((result) => result.status === 'rejected')
  if (!failed) return
  await teardown()
  throw failed.reason
}

export async function teardown(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server[Symbol.asyncDispose]()))
}

async function provideKafka(project: TestProject): Promise<void> {
  const given = process.env.KAFKA_BROKERS
  if (given) return project.provide('kafkaBrokers', given.split(','))
  const broker = await startKafkaBroker()
  servers.push(broker)
  project.provide('kafkaBrokers', [...broker.brokers])
}

async function provideRedis(project: TestProject): Promise<void> {
  const given = process.env.REDIS_URL
  if (given) return project.provide('redisUrl', given)
  const server = await startRedisServer({ durable: false })
  servers.push(server)
  project.provide('redisUrl', server.url)
}

async function filesOfRun(project: TestProject): Promise<string[]> {
  // Not in the published types; without it, all test files count as part of the run, which starts too much but never too little.
  const filters: unknown = Reflect.get(project.vitest, 'filenamePattern')
  const { testFiles } = await project.globTestFiles(Array.isArray(filters) ? filters.map(String) : [])
  return testFiles
}
