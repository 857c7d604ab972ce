/** Leaves of a Kafka cluster: of every partition of its topics all that is committed, and any slice of it by its own id. */
import type { ResourceId } from '../../domain/ids.ts'
import { type KafkaSlices, type KafkaTopicRule, sliceVersion } from '../../remote/kafka/slices.ts'
import { compareIds } from '../id-order.ts'
import type { LeafMetadata } from '../leaf-type.ts'
import { createRemoteCatalogue, type RemoteRoot } from '../remote-catalogue.ts'
import type { ResourceCatalogue } from '../resource-catalogue.ts'

export type KafkaCatalogueDeps = {
  readonly root: RemoteRoot
  readonly slices: KafkaSlices
  readonly onUnnameable: (folder: ResourceId, count: number) => void
}

export function createKafkaCatalogue({ root, slices, onUnnameable }: KafkaCatalogueDeps): ResourceCatalogue {
  return createRemoteCatalogue({
    // what values are is configured, not told by any of them
    root: { ...root, detect: ['metadata'] },
    onUnnameable,
    store: {
      scheme: 'kafka',
      async *list(folder, signal) {
        const found = await slices.all(signal)
        const below = found.filter(({ path }) => path.startsWith(folder))
        below.sort((a, b) => compareIds(a.path, b.path))
        for (const { path, rule } of below) yield { path, metadata: metadataOf(rule) }
      },
      async look(path, signal) {
        const slice = await slices.look(path, signal)
        return { version: sliceVersion(slice), metadata: metadataOf(slice.rule) }
      },
      start: async () => new Uint8Array(),
    },
  })
}

function metadataOf({ values, recordType }: KafkaTopicRule): LeafMetadata {
  return { mediaType: values.kind === 'json' ? 'application/x-ndjson' : 'avro/binary', recordType }
}
