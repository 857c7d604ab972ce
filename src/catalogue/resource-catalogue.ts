/** PORT: which leaves lie below a resource, and what each is. Adapters: file/ s3/ http/ webhdfs/ kafka/, and composite/ of them. Suite: test/conformance/resource-catalogue.ts. */
import type { ResourceId } from '../domain/ids.ts'
import type { Leaf, Place } from '../domain/records.ts'

export interface ResourceCatalogue {
  /** Leaves at or below the id, each once, sorted by the UTF-8 bytes of their ids, streamed. @throws resource.unknown, source.unavailable */
  leaves(resource: ResourceId, options: { readonly signal: AbortSignal }): AsyncIterable<Leaf>
  /** One leaf and its place, as of now. @throws resource.unknown, source.forbidden */
  locate(leaf: ResourceId): Promise<{ readonly leaf: Leaf; readonly place: Place }>
}
