/** PORT: which leaves lie below a resource, and what each is. Adapters: file/. Suite: test/conformance/resource-catalogue.ts. */
import type { ResourceId } from '../domain/ids.ts'
import type { Leaf } from '../domain/records.ts'

/** Where the bytes of a leaf lie; only readers see it, and it never leaves the process. */
export type Place = { readonly scheme: string; readonly root: string; readonly path: string }

export interface ResourceCatalogue {
  /** Leaves at or below the id, each once, sorted by id, streamed. @throws resource.unknown, source.unavailable */
  leaves(resource: ResourceId, options: { readonly signal: AbortSignal }): AsyncIterable<Leaf>
  /** One leaf and its place, as of now. @throws resource.unknown, source.forbidden */
  locate(leaf: ResourceId): Promise<{ readonly leaf: Leaf; readonly place: Place }>
}
