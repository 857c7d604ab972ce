/** From registering a request to its first leaf, its last of many, and how many at once: embedded, over Kafka and Redis in one process, and as separate processes. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '../src/cli/client.ts'
import { startKafkaBroker } from '../test/support/kafka-broker.ts'
import {
  type ConfigOptions,
  startHrPortcullis,
  startPortcullis,
  writeHrConfig,
} from '../test/support/portcullis-process.ts'
import { startRedisServer } from '../test/support/redis-server.ts'
import { createTempFolder } from '../test/support/temp-folder.ts'
import { distributionOf, type Row, report, round } from './support/statistics.ts'

const warmUps = 100
const singles = 300
const clients = 16
const requestsAtOnce = 1_600
const manyLeaves = 1_000

type Client = ReturnType<typeof createClient>

/** Milliseconds until the first leaf; the rest of the listing is read, too. */
async function firstLeaf(
  client: Client,
  resourceId: string,
): Promise<{ readonly first: number; readonly last: number; readonly leaves: number }> {
  const startedAt = performance.now()
  const token = await client.register({ userId: 'Alice', resourceId, context: { purpose: 'SALARY' } })
  let first = Number.NaN
  let last = Number.NaN
  let leaves = 0
  for await (const item of client.items(token)) {
    if (item.kind !== 'leaf') continue
    last = performance.now() - startedAt
    if (leaves++ === 0) first = last
  }
  return { first, last, leaves }
}

async function measure(name: string, register: Client): Promise<Row> {
  for (let index = 0; index < warmUps; index++) await firstLeaf(register, 'file:/data/hr/')
  const figures: number[] = []
  for (let index = 0; index < singles; index++) figures.push((await firstLeaf(register, 'file:/data/hr/one/')).first)
  const { p50, p90, p99 } = distributionOf(figures)
  const startedAt = performance.now()
  let left = requestsAtOnce
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) await firstLeaf(register, 'file:/data/hr/one/')
    }),
  )
  const perSecond = requestsAtOnce / ((performance.now() - startedAt) / 1000)
  const many: number[] = []
  for (let index = 0; index < 5; index++) {
    const { last, leaves } = await firstLeaf(register, 'file:/data/hr/many/')
    if (leaves !== manyLeaves) throw new Error(`expected ${manyLeaves} leaves, got ${leaves}`)
    many.push(last)
  }
  return {
    system: name,
    'first leaf p50 ms': p50,
    'p90 ms': p90,
    'p99 ms': p99,
    '16 clients, requests/s': round(perSecond),
    '1000 leaves, last p50 ms': distributionOf(many).p50,
  }
}

async function dataFolder(): Promise<string> {
  const folder = join((await createTempFolder('bench')).path, 'data')
  await mkdir(join(folder, 'one'), { recursive: true })
  await mkdir(join(folder, 'many'))
  await writeFile(join(folder, 'one/x.txt'), 'x\n')
  for (let index = 0; index < manyLeaves; index++) await writeFile(join(folder, `many/${index}.txt`), 'x\n')
  return folder
}

const rows: Row[] = []
const shared: ConfigOptions = { dataFolder: await dataFolder() }
{
  await using server = await startHrPortcullis({ ...shared, built: true })
  rows.push(await measure('embedded', createClient({ server: server.url })))
}
await using redis = await startRedisServer({ durable: false })
await using kafka = await startKafkaBroker()
const real = { ...shared, kafkaBrokers: kafka.brokers, redisUrl: redis.url }
{
  await using server = await startHrPortcullis({ ...real, prefix: 'one.', built: true })
  rows.push(await measure('Kafka + Redis, one process', createClient({ server: server.url })))
}
{
  await using folder = await createTempFolder('bench')
  const config = await writeHrConfig(folder.path, { ...real, prefix: 'many.' })
  // request and delivery answer clients; each other service is a process of its own
  const edge = await startPortcullis({ config, services: ['request', 'delivery', 'data'], built: true })
  const others = await Promise.all(
    ['user', 'resource', 'policy', 'masking', 'audit'].map((service) =>
      startPortcullis({ config, services: [service], built: true }),
    ),
  )
  rows.push(await measure('Kafka + Redis, six processes', createClient({ server: edge.url })))
  await Promise.all([edge, ...others].map((server) => server.stop()))
}
report('request', rows, { singles, clients, requestsAtOnce })
process.exit(0)
