/** The suite of the port, over files and over the topics of a real Kafka. */
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { createAuditBus } from '../../src/audit/bus/audit-bus.ts'
import { createAuditFile } from '../../src/audit/file/audit-file.ts'
import { createKafkaBus } from '../../src/bus/kafka/kafka-bus.ts'
import { auditTopics } from '../../src/bus/topics.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { describeAuditTrail } from '../conformance/audit-trail.ts'
import { startKafkaBroker } from '../support/kafka-broker.ts'
import { createTempFolder } from '../support/temp-folder.ts'

describeAuditTrail('the audit trail in files', async () => {
  const place = await createTempFolder('audit')
  const folder = join(place.path, 'log')
  const trail = await createAuditFile({ folder, durability: 'disk', rememberAcrossRestarts: true })
  return {
    trail,
    async events() {
      const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
      return texts.flatMap((text) =>
        text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as AuditEvent),
      )
    },
    medium: {
      async break() {
        await rename(folder, `${folder}.away`)
        await writeFile(folder, '')
      },
      async mend() {
        await rm(folder)
        await rename(`${folder}.away`, folder)
      },
    },
    async [Symbol.asyncDispose]() {
      await trail[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
})

describeAuditTrail('the audit trail over topics', async () => {
  const kafka = await startKafkaBroker()
  const bus = await createKafkaBus({
    brokers: kafka.brokers.join(','),
    topicPrefix: 'audit.',
    // events without a token go to any partition: with one, a marker is behind all that came before it
    partitions: 1,
    log: pino({ level: 'silent' }),
    clock: systemClock,
  })
  const stopping = new AbortController()
  const received: AuditEvent[] = []
  const following = auditTopics.map(async (topic) => {
    const options = { group: randomUUID(), signal: stopping.signal, onUndecodable: async () => undefined }
    for await (const batch of bus.subscribeAudit(topic, options)) {
      received.push(...batch.items)
      await batch.ack()
    }
  })
  return {
    trail: createAuditBus({ publishAudit: (topic, events) => bus.publishAudit(topic, events) }),
    /** What is in the topics comes a little later: a marker recorded now is behind all that was recorded before. */
    async events() {
      const markers = auditTopics.map((topic) => ({ topic, event: markerOf(topic) }))
      for (const { topic, event } of markers) await bus.publishAudit(topic, [event])
      while (!markers.every(({ event }) => received.some(({ id }) => id === event.id)))
        await new Promise((resolve) => setTimeout(resolve, 20))
      return received
    },
    medium: { break: () => kafka.kill(), mend: () => kafka.restart() },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(following)
      await bus[Symbol.asyncDispose]()
      await kafka.stop()
    },
  }
})

function markerOf(topic: (typeof auditTopics)[number]): AuditEvent {
  return {
    id: randomUUID(),
    kind: topic === 'success' ? 'leaf.delivered' : 'leaf.withheld',
    time: '2026-11-25T10:00:00.000Z',
    service: 'audit',
  }
}
