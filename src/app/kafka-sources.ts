/** The catalogue and the reader of the roots that are topics of Kafka clusters. */
import { readFile } from 'node:fs/promises'
import { createKafkaCatalogue } from '../catalogue/kafka/kafka-catalogue.ts'
import type { RemoteRoot } from '../catalogue/remote-catalogue.ts'
import { PortcullisError } from '../domain/errors.ts'
import { createKafkaReader } from '../readers/kafka/kafka-reader.ts'
import { createSchemaRegistry } from '../readers/kafka/schema-registry.ts'
import { timeoutMsDefault } from '../remote/http-client.ts'
import { createKafkaClient } from '../remote/kafka/client.ts'
import type { KafkaCredentials } from '../remote/kafka/sasl.ts'
import { createKafkaSlices, type KafkaTopicRule, type KafkaValues } from '../remote/kafka/slices.ts'
import type { SourceConfig } from './source-schema.ts'
import type { Context, Opened } from './sources.ts'

type KafkaConfig = NonNullable<SourceConfig['kafka']>

/** @throws PortcullisError config.invalid where the file of a schema cannot be read */
export async function openKafkaClusters(
  roots: readonly { readonly root: RemoteRoot; readonly kafka: KafkaConfig }[],
  context: Context,
): Promise<Opened> {
  const opened = await Promise.all(
    roots.map(async ({ root, kafka }) => {
      const { brokers, topics, registry, sasl, insecure = false, timeoutMs = timeoutMsDefault } = kafka
      const client = context.keep(
        createKafkaClient({
          brokers,
          timeoutMs,
          tls: !insecure,
          ...(sasl === undefined ? {} : { credentials: sasl as KafkaCredentials }),
        }),
      )
      const slices = createKafkaSlices(client, await Promise.all(topics.map(ruleOf)))
      const registryOptions = registry && { headers: {}, ...registry, http: context.httpClient(timeoutMs) }
      const cluster = { client, slices, registry: registryOptions && createSchemaRegistry(registryOptions) }
      return { root, slices, cluster }
    }),
  )
  const { onUnnameable } = context
  return {
    parts: opened.map(({ root, slices }) => ({
      root: root.id,
      catalogue: createKafkaCatalogue({ root, slices, onUnnameable }),
    })),
    readers: [createKafkaReader(new Map(opened.map(({ root, cluster }) => [root.id, cluster])))],
  }
}

async function ruleOf({ values, schemaFile, ...rule }: KafkaConfig['topics'][number]): Promise<KafkaTopicRule> {
  return { ...rule, values: await valuesOf(values, schemaFile) }
}

async function valuesOf(kind: string, schemaFile: string | undefined): Promise<KafkaValues> {
  if (schemaFile === undefined) return { kind: kind === 'json' ? 'json' : 'avro-registry' }
  const schema = await readFile(schemaFile, 'utf8').catch((cause: unknown) => {
    throw new PortcullisError('config.invalid', {
      message: 'catalogue.roots: a schemaFile of kafka.topics cannot be read',
      cause,
    })
  })
  return { kind: 'avro', schema }
}
