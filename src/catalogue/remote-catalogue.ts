/** What the catalogues of remote stores have in common: ids below one root, types by clues, names that can have no id, places pinned to what was seen. */
import { setMaxListeners } from 'node:events'
import { PortcullisError } from '../domain/errors.ts'
import type { ResourceId } from '../domain/ids.ts'
import { linkSignals } from '../domain/linked-signal.ts'
import type { Leaf } from '../domain/records.ts'
import { isFolder, parseResourceId } from '../domain/resource-id.ts'
import type { PinnedPlace } from '../remote/pinned-place.ts'
import { brokenAnswer } from '../remote/remote-fault.ts'
import { compareIds } from './id-order.ts'
import { type Evidence, type LeafMetadata, type LeafRoot, leafByClues } from './leaf-type.ts'
import { mapInOrder } from './map-in-order.ts'
import type { ResourceCatalogue } from './resource-catalogue.ts'

export type RemoteRoot = LeafRoot & { readonly detect: readonly Evidence[] }

/** `path` is relative to the root; undefined: a name that no text can hold. */
export type Entry = {
  readonly path: string | undefined
  /** Where the listing says what the file is: nobody looks at a file whose media type is said. */
  readonly metadata?: LeafMetadata
}

/** What a store says of one file, now. */
export type Seen = { readonly version?: string; readonly size?: number; readonly metadata: LeafMetadata }

export type RemoteStore = {
  readonly scheme: string
  /** Files below a folder (`` or ending in `/`), sorted by id. @throws source.not_found when there is no such folder */
  list(folder: string, signal: AbortSignal): AsyncIterable<Entry>
  /** @throws source.not_found, also for a folder */
  look(path: string, signal: AbortSignal, listed?: Entry): Promise<Seen>
  /** The first bytes of a file, at most `contentBytesMax`. */
  start(path: string, signal: AbortSignal): Promise<Uint8Array>
}

export type RemoteCatalogueDeps = {
  readonly root: RemoteRoot
  readonly store: RemoteStore
  /** Told of names that have no canonical id, so that nothing vanishes unnoticed: the folder listed and how many. */
  readonly onUnnameable: (folder: ResourceId, count: number) => void
}

type Listed = { readonly id: ResourceId; readonly entry: Entry }

/** Files looked at at once while a listing goes on. */
const looksAtOnce = 16

export function createRemoteCatalogue({ root, store, onUnnameable }: RemoteCatalogueDeps): ResourceCatalogue {
  if (!isFolder(root.id))
    throw new PortcullisError('config.invalid', { message: `catalogue.roots: ${root.id} must end in /` })
  const pathOf = (id: ResourceId) => id.slice(root.id.length)

  const leafAt = (id: ResourceId, signal: AbortSignal, look: () => Promise<Pick<Seen, 'metadata'>>): Promise<Leaf> =>
    leafByClues(root, id, {
      metadata: async () => (await look()).metadata,
      content: () => store.start(pathOf(id), signal),
    })

  async function* listed(folder: ResourceId, signal: AbortSignal): AsyncGenerator<Listed> {
    let unnameable = 0
    let previous: ResourceId | undefined
    try {
      for await (const entry of store.list(pathOf(folder), signal)) {
        const id = entry.path === undefined ? undefined : idOf(root.id + entry.path)
        if (id === undefined || isFolder(id)) unnameable++
        else {
          if (!id.startsWith(folder) || (previous !== undefined && compareIds(previous, id) >= 0))
            throw brokenAnswer('a listing is out of order')
          previous = id
          yield { id, entry }
        }
      }
    } finally {
      if (unnameable > 0) onUnnameable(folder, unnameable)
    }
    if (previous === undefined && unnameable === 0 && folder !== root.id) throw new PortcullisError('resource.unknown')
  }

  /** undefined: it went away since it was listed. */
  async function listedLeaf({ id, entry }: Listed, signal: AbortSignal): Promise<Leaf | undefined> {
    const { metadata = {} } = entry
    const look = async () => (metadata.mediaType === undefined ? store.look(pathOf(id), signal, entry) : { metadata })
    try {
      return await leafAt(id, signal, look)
    } catch (thrown) {
      if (isMissing(thrown)) return undefined
      throw thrown
    }
  }

  return {
    async *leaves(resource, { signal }) {
      const isAbove = isFolder(resource) && root.id.startsWith(resource)
      if (!isAbove && !resource.startsWith(root.id)) throw new PortcullisError('resource.unknown')
      try {
        if (!isAbove && !isFolder(resource)) {
          const seen = await store.look(pathOf(resource), signal)
          yield await leafAt(resource, signal, async () => seen)
          return
        }
        // so many listen to it that Node would take it for a leak
        using linked = linkSignals(signal)
        setMaxListeners(2 * looksAtOnce, linked.signal)
        const found = listed(isAbove ? root.id : resource, linked.signal)
        for await (const leaf of mapInOrder(found, looksAtOnce, (one) => listedLeaf(one, linked.signal)))
          if (leaf !== undefined) yield leaf
      } catch (thrown) {
        throw isMissing(thrown) ? new PortcullisError('resource.unknown', { cause: thrown }) : thrown
      }
    },
    async locate(id) {
      if (isFolder(id) || !id.startsWith(root.id)) throw new PortcullisError('resource.unknown')
      const { signal } = new AbortController()
      try {
        const seen = await store.look(pathOf(id), signal)
        const { version, size } = seen
        const place: PinnedPlace = {
          scheme: store.scheme,
          root: root.id,
          path: pathOf(id),
          ...(version === undefined ? {} : { version }),
          ...(size === undefined ? {} : { size }),
        }
        return { leaf: await leafAt(id, signal, async () => seen), place }
      } catch (thrown) {
        throw isMissing(thrown) ? new PortcullisError('resource.unknown', { cause: thrown }) : thrown
      }
    },
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof PortcullisError && thrown.code === 'source.not_found'
}

function idOf(text: string): ResourceId | undefined {
  try {
    return parseResourceId(text)
  } catch {
    return undefined
  }
}
