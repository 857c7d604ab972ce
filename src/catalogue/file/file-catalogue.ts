/** Leaves from folders: each configured root maps a logical prefix (`file:/data/hr/`) to a folder. Regular files only, links are not followed. */
import { constants } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { PortcullisError } from '../../domain/errors.ts'
import type { ResourceId } from '../../domain/ids.ts'
import type { Leaf } from '../../domain/records.ts'
import { parseResourceId } from '../../domain/resource-id.ts'
import { compareIds } from '../id-order.ts'
import { contentBytesMax, type Evidence, type LeafRoot, leafByClues, leafByName } from '../leaf-type.ts'
import type { ResourceCatalogue } from '../resource-catalogue.ts'

export type CatalogueRoot = LeafRoot & {
  readonly folder: string
  /** Absent: the name alone tells what a leaf is, and no file is opened. */
  readonly detect?: readonly Evidence[]
}

export type FileCatalogueDeps = {
  readonly roots: readonly CatalogueRoot[]
  /** Told of names that have no canonical id, so that nothing vanishes unnoticed: the folder's id and how many. */
  readonly onUnnameable: (folder: ResourceId, count: number) => void
}

/** @throws PortcullisError config.invalid */
export function createFileCatalogue(deps: FileCatalogueDeps): ResourceCatalogue {
  const roots = [...deps.roots].sort((a, b) => compareIds(a.id, b.id))
  for (const root of roots) {
    if (!root.id.endsWith('/'))
      throw new PortcullisError('config.invalid', { message: `catalogue.roots: ${root.id} must end in /` })
    if (roots.some((other) => other !== root && root.id.startsWith(other.id)))
      throw new PortcullisError('config.invalid', { message: `catalogue.roots: ${root.id} lies below another root` })
  }

  const rootOf = (id: ResourceId) => roots.find((root) => id.startsWith(root.id))

  return {
    async *leaves(resource, { signal }) {
      const root = rootOf(resource)
      const below =
        root === undefined
          ? roots.filter((candidate) => resource.endsWith('/') && candidate.id.startsWith(resource))
          : []
      if (root === undefined && below.length === 0) throw new PortcullisError('resource.unknown')
      for (const part of below)
        yield* walk(part, part.id, { requested: part.id, signal, onUnnameable: deps.onUnnameable })
      if (root === undefined) return
      if (resource.endsWith('/'))
        yield* walk(root, resource, { requested: resource, signal, onUnnameable: deps.onUnnameable })
      else yield await leafAt(root, resource)
    },
    async locate(id) {
      const root = rootOf(id)
      if (root === undefined || id.endsWith('/')) throw new PortcullisError('resource.unknown')
      return {
        leaf: await leafAt(root, id),
        place: { scheme: 'file', root: root.folder, path: id.slice(root.id.length) },
      }
    },
  }
}

type Walk = {
  readonly requested: ResourceId
  readonly signal: AbortSignal
  readonly onUnnameable: FileCatalogueDeps['onUnnameable']
}

async function* walk(root: CatalogueRoot, folder: ResourceId, options: Walk): AsyncGenerator<Leaf> {
  const { requested, signal, onUnnameable } = options
  signal.throwIfAborted()
  const entries = await physical(root, folder)
    .then((path) => readdir(path, { withFileTypes: true }))
    .catch((cause: unknown) => {
      const error = asResourceError(cause)
      // a folder that went away while its parent was listed holds nothing
      if (error.code === 'resource.unknown' && folder !== requested) return []
      throw error
    })
  // with the slash a folder's name sorts as its ids do, so that depth first is id order
  const named = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ id: idOf(`${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`), isFile: entry.isFile() }))
  const unnameable = named.filter(({ id }) => id === undefined).length
  if (unnameable > 0) onUnnameable(folder, unnameable)
  const sorted = named
    .filter((entry): entry is { id: ResourceId; isFile: boolean } => entry.id !== undefined)
    .sort((a, b) => compareIds(a.id, b.id))
  for (const { id, isFile } of sorted) {
    if (isFile) yield await leafFor(root, id)
    else yield* walk(root, id, options)
  }
}

function idOf(text: string): ResourceId | undefined {
  try {
    return parseResourceId(text)
  } catch {
    return undefined
  }
}

async function leafAt(root: CatalogueRoot, id: ResourceId): Promise<Leaf> {
  const [, stats] = await Promise.all([physical(root, id), lstat(placeOf(root, id))]).catch((cause: unknown) => {
    throw asResourceError(cause)
  })
  if (!stats.isFile()) throw new PortcullisError('resource.unknown')
  return leafFor(root, id)
}

/** The place of an id, which must be where its name says: a link anywhere in between makes it unknown. */
async function physical(root: CatalogueRoot, id: ResourceId): Promise<string> {
  try {
    const named = placeOf(root, id)
    const [realRoot, real] = await Promise.all([realpath(root.folder), realpath(named)])
    if (real !== placeOf({ ...root, folder: realRoot }, id)) throw new PortcullisError('resource.unknown')
    return real
  } catch (thrown) {
    throw asResourceError(thrown)
  }
}

/** By its name alone. */
function placeOf({ id: rootId, folder }: CatalogueRoot, id: ResourceId): string {
  return join(folder, ...id.slice(rootId.length).split('/').filter(Boolean))
}

async function leafFor(root: CatalogueRoot, id: ResourceId): Promise<Leaf> {
  const { detect } = root
  if (detect === undefined) return leafByName(root, id)
  const content = async () => firstBytes(await physical(root, id))
  return leafByClues({ ...root, detect }, id, { metadata: async () => ({}), content })
}

async function firstBytes(path: string): Promise<Uint8Array> {
  // O_NONBLOCK: a pipe that took the file's place must not hang us
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  try {
    await using handle = await open(path, flags)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(contentBytesMax), 0, contentBytesMax, 0)
    return buffer.subarray(0, bytesRead)
  } catch (thrown) {
    throw asResourceError(thrown)
  }
}

function asResourceError(thrown: unknown): PortcullisError {
  if (thrown instanceof PortcullisError) return thrown
  const code = (thrown as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG' || code === 'EACCES')
    return new PortcullisError('resource.unknown', { cause: thrown })
  return new PortcullisError('source.unavailable', { cause: thrown })
}
