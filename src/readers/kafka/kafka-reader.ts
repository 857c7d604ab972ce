/** Reads slices of Kafka topics, each as one document: values a line each, or as one Avro container. It joins no group and commits nothing. */
import { PortcullisError } from '../../domain/errors.ts'
import type { KafkaClient } from '../../remote/kafka/client.ts'
import { type KafkaSlice, type KafkaSlices, sliceVersion } from '../../remote/kafka/slices.ts'
import type { PinnedPlace } from '../../remote/pinned-place.ts'
import type { Reader } from '../reader.ts'
import { avroDocument } from './avro-document.ts'
import { ndjsonDocument } from './ndjson-document.ts'
import type { SchemaRegistry } from './schema-registry.ts'
import { openSlice, type SliceRecords } from './slice-records.ts'

export type KafkaCluster = {
  readonly client: KafkaClient
  readonly slices: KafkaSlices
  /** Where values name their schemas. */
  readonly registry?: SchemaRegistry | undefined
}

/** Clusters by `Place.root`. */
export function createKafkaReader(clusters: ReadonlyMap<string, KafkaCluster>): Reader {
  return {
    scheme: 'kafka',
    async open({ root, path, version }: PinnedPlace, { start = 0, end = Number.POSITIVE_INFINITY, signal }) {
      const cluster = clusters.get(root)
      if (cluster === undefined) throw new PortcullisError('source.not_found')
      const slice =
        version === undefined ? await cluster.slices.look(path, signal) : cluster.slices.pinned(path, version)
      const records = await openSlice(cluster, slice, signal)
      const bytes = part(documentOf(cluster, slice, records, signal), start, end)
      return {
        version: sliceVersion(slice),
        bytes: {
          [Symbol.asyncIterator]: () => closing(bytes, records),
          [Symbol.asyncDispose]: async () => records.close(),
        } as AsyncIterable<Uint8Array>,
      }
    },
  }
}

function documentOf({ registry }: KafkaCluster, slice: KafkaSlice, records: SliceRecords, signal: AbortSignal) {
  const { values } = slice.rule
  if (values.kind === 'json') return ndjsonDocument(records.batches)
  const id = `${slice.topic}/${slice.partition}/${sliceVersion(slice)}`
  if (values.kind === 'avro') return avroDocument(records.batches, { kind: 'bare', schema: values.schema }, id)
  if (registry === undefined) throw new PortcullisError('config.invalid')
  return avroDocument(
    records.batches,
    {
      kind: 'framed',
      schema: (schemaId) => registry.schema(schemaId, signal),
      // as producers name it that were told nothing else
      schemaOfNone: () => registry.latest(`${slice.topic}-value`, signal),
    },
    id,
  )
}

async function* closing(bytes: AsyncIterable<Uint8Array>, records: SliceRecords): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } finally {
    records.close()
  }
}

async function* part(bytes: AsyncIterable<Uint8Array>, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0
  if (end <= start) return
  for await (const chunk of bytes) {
    const wanted = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))
    at += chunk.length
    if (wanted.length > 0) yield wanted
    if (at >= end) return
  }
}
