/** A real Kafka of one node (KRaft) on free loopback ports with a data folder of its own. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { ensureTool } from './ensure-tool.ts'
import { freePorts, LOOPBACK } from './free-port.ts'
import { createServerProcess, retryStart, type ServerProcess } from './server-process.ts'
import { createTempFolder, type TempFolder } from './temp-folder.ts'

export type KafkaBroker = AsyncDisposable & {
  readonly port: number
  /** What a client connects to first. */
  readonly brokers: readonly string[]
  /** kill -9. Its port refuses connections from now on; its data stay for a restart. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void
  resume(): void
  /** The same ports and data; kills it first if it runs. Resolves when groups can be joined again. */
  restart(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export type KafkaBrokerOptions = {
  /** Where clients are told to go: a fault proxy's port. By default the broker's own. */
  readonly advertisedPort?: number
  /** Where the broker listens, for a proxy that has to know it first. By default a free port. */
  readonly port?: number
  /** Further listeners by name, in capitals; each with what its protocol needs in `properties`. */
  readonly listeners?: Readonly<Record<string, { readonly port: number; readonly protocol: string }>>
  /** Users that SCRAM knows, as `SCRAM-SHA-256=[name=alice,password=secret]`. */
  readonly scramUsers?: readonly string[]
  /** Broker properties beside or instead of those below, such as `message.max.bytes`. */
  readonly properties?: Readonly<Record<string, string | number>>
}

const READY_TIMEOUT_MS = 90_000
const FORMAT_TIMEOUT_MS = 60_000
const COORDINATOR_TIMEOUT_MS = 5_000
const HEAP = '-Xmx512m'

export function startKafkaBroker(options: KafkaBrokerOptions = {}): Promise<KafkaBroker> {
  return retryStart(async () => {
    const [java, jars, folder] = [await ensureTool('java'), await ensureTool('kafka'), await createTempFolder('kafka')]
    const [freeOne, controllerPort] = await freePorts(2)
    const port = options.port ?? freeOne!
    const properties = brokerProperties(port, controllerPort!, folder.path, options)
    const propertiesFile = join(folder.path, 'kraft.properties')
    const log4jFile = join(folder.path, 'log4j2.properties')
    const jvm = [HEAP, '-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${log4jFile}`, '-cp', `${jars}/*`]
    const server = createServerProcess({
      name: 'Kafka',
      command: java,
      args: [...jvm, 'kafka.Kafka', propertiesFile],
      folder: folder.path,
      isReady: () => coordinatesGroups(port),
      readyTimeoutMs: READY_TIMEOUT_MS,
    })
    try {
      await writeFile(propertiesFile, properties)
      await writeFile(log4jFile, LOG4J_PROPERTIES)
      const clusterId = 'cG9ydGN1bGxpcy10ZXN0cw'
      const format = [...jvm, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', propertiesFile]
      const users = (options.scramUsers ?? []).flatMap((user) => ['--add-scram', user])
      await promisify(execFile)(java, [...format, ...users], { timeout: FORMAT_TIMEOUT_MS })
      await server.start()
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
    return kafkaHandle(server, port, folder)
  })
}

function kafkaHandle(server: ServerProcess, port: number, folder: TempFolder): KafkaBroker {
  async function stop(): Promise<void> {
    // Its data are thrown away, so an orderly shutdown of some seconds would gain nothing.
    await server.kill()
    await folder[Symbol.asyncDispose]()
  }
  return {
    port,
    brokers: [`${LOOPBACK}:${port}`],
    kill: server.kill,
    pause: server.pause,
    resume: server.resume,
    async restart() {
      await server.kill()
      await server.start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** An open port is not enough: the first group of a new broker waits some seconds for its offsets topic. */
async function coordinatesGroups(port: number): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'readiness',
    brokers: [`${LOOPBACK}:${port}`],
    logLevel: logLevel.NOTHING,
    requestTimeout: COORDINATOR_TIMEOUT_MS,
    // The proxy that clients are sent to need not be there yet.
    socketFactory: ({ onConnect }) => connectTo(port, onConnect),
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    // Loads the list of brokers that the coordinator is looked for in.
    await admin.listTopics()
    await admin.fetchOffsets({ groupId: 'readiness', topics: [] })
    return true
  } finally {
    await admin.disconnect()
  }
}

function connectTo(port: number, onConnect: () => void) {
  return connect(port, LOOPBACK, onConnect)
}

const LOG4J_PROPERTIES = `
rootLogger.level=warn
rootLogger.appenderRef.stdout.ref=stdout
appender.stdout.type=Console
appender.stdout.name=stdout
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=%p %c{1} %m%n
`

function brokerProperties(port: number, controllerPort: number, folder: string, options: KafkaBrokerOptions): string {
  const further = Object.entries(options.listeners ?? {})
  const addresses = further.map(([name, { port }]) => `,${name}://${LOOPBACK}:${port}`).join('')
  const protocols = further.map(([name, { protocol }]) => `,${name}:${protocol}`).join('')
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${LOOPBACK}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}${addresses}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${options.advertisedPort ?? port}${addresses}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': 'false',
    'num.partitions': 1,
    'default.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed may register again only when its last session has run out.
    'broker.session.timeout.ms': 2_000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    ...options.properties,
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
