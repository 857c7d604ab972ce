/** The HR example in topics, as JSON and as Avro with a registry: what each user gets is what they get of files. */
import { readFileSync } from 'node:fs'
import avro from 'avsc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KafkaBroker, startKafkaBroker } from '../support/kafka-broker.ts'
import { openTopics } from '../support/kafka-topics.ts'
import { framed, type RegistryServer, startSchemaRegistry } from '../support/schema-registry.ts'
import {
  decodeEmployees,
  type Employee,
  expectedRecord,
  hrFiles,
  hrFolder,
  hrUsers,
  readEmployees,
  visibleFiles,
} from './hr-truth.ts'
import { ask, leafIds, read, type System, startEmbedded } from './system.ts'

// the policies are attached to what lies below file:/data/hr/, wherever that lies; which files are for HR only they tell by the name
const folder = 'file:/data/hr/kafka/'
const recordType = 'uk.gov.gchq.syntheticdatagenerator.types.Employee'
const topicOf = (file: string, kind: 'json' | 'avro') => `${kind}-${file}`

describe('the HR example in topics', () => {
  let broker: KafkaBroker
  let registry: RegistryServer
  let system: System
  beforeAll(async () => {
    ;[broker, registry] = await Promise.all([startKafkaBroker(), startSchemaRegistry()])
    await using topics = await openTopics(broker.brokers)
    const schema = await schemaOf(readFileSync(`${hrFolder}/${hrFiles[0]}`))
    const type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema)
    for (const file of hrFiles) {
      const employees = await readEmployees(file)
      const id = registry.register(`${topicOf(file, 'avro')}-value`, schema)
      await topics.make(topicOf(file, 'json'))
      await topics.send(
        topicOf(file, 'json'),
        employees.map((employee) => JSON.stringify(employee)),
      )
      await topics.make(topicOf(file, 'avro'))
      await topics.send(
        topicOf(file, 'avro'),
        employees.map((employee) => framed(id, type.toBuffer(employee))),
      )
    }
    const { url, headers } = registry
    system = await startEmbedded({
      changes: {
        catalogue: {
          roots: [
            {
              id: folder,
              kafka: {
                brokers: broker.brokers,
                insecure: true,
                topics: [
                  { prefix: 'json-', values: 'json', recordType },
                  { prefix: 'avro-', values: 'avro-registry', recordType },
                ],
                registry: { url, headers },
              },
            },
          ],
        },
      },
    })
  }, 180_000)
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]()
    await broker?.[Symbol.asyncDispose]()
    await registry?.[Symbol.asyncDispose]()
  })

  const linesOf = (bytes: Buffer) =>
    bytes
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Employee)

  test.each(hrUsers)('%s gets exactly the records and fields that policy permits, of each format', async (user) => {
    const purpose = 'DUTY_OF_CARE'
    const { token, items } = await ask(system, { userId: user, purpose, resourceId: folder })
    const leaves = leafIds(items)
    for (const file of visibleFiles(user)) {
      const expected = (await readEmployees(file)).flatMap((record) => expectedRecord(user, purpose, record) ?? [])
      const [json, avroLeaf] = (['json', 'avro'] as const).map((kind) => `${folder}${topicOf(file, kind)}/0/all`)
      expect(leaves).toEqual(expect.arrayContaining([json, avroLeaf]))
      expect(linesOf(await read(system, token, json!))).toEqual(expected)
      expect(await decodeEmployees(await read(system, token, avroLeaf!))).toEqual(expected)
    }
  })

  test('a slice is asked for by its own id', async () => {
    const leaf = `${folder}${topicOf(hrFiles[0], 'avro')}/0/1-3`
    const { token, items } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: leaf })
    expect(leafIds(items)).toEqual([leaf])
    const expected = (await readEmployees(hrFiles[0])).slice(1, 3)
    expect(await decodeEmployees(await read(system, token, leaf))).toEqual(
      expected.flatMap((record) => expectedRecord('Alice', 'SALARY', record) ?? []),
    )
  })

  test('a broker that went away ends the read; the log has neither its place nor the key of the registry', async () => {
    const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY', resourceId: folder })
    await broker.kill()
    const leaf = `${folder}${topicOf(hrFiles[0], 'json')}/0/all`
    await expect(read(system, token, leaf)).rejects.toMatchObject({ code: 'source.unavailable' })
    await expect
      .poll(async () => (await system.audit()).map(({ code }) => code), { timeout: 10_000 })
      .toContain('source.unavailable')
    const log = system.processes['all']!.log()
    expect(log).not.toContain('registry-key')
    expect(log).not.toContain(broker.brokers[0])
  })
})

function schemaOf(container: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new avro.streams.BlockDecoder()
    decoder.on('metadata', (type: avro.Type) => resolve(JSON.stringify(type.schema({ exportAttrs: true }))))
    decoder.on('error', reject)
    decoder.end(container)
  })
}
