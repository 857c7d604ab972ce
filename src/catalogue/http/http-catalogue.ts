/** Leaves of a web server: those that configuration lists, or those of a manifest that the server offers. What is not listed is not there. */
import { PortcullisError } from '../../domain/errors.ts'
import { firstBytes } from '../../remote/byte-range.ts'
import { type HttpSource, httpVersion } from '../../remote/http-source.ts'
import { compareIds } from '../id-order.ts'
import { contentBytesMax } from '../leaf-type.ts'
import { createRemoteCatalogue, type RemoteCatalogueDeps } from '../remote-catalogue.ts'
import type { ResourceCatalogue } from '../resource-catalogue.ts'
import { type ManifestEntry, manifestEntries } from './manifest.ts'

export type HttpCatalogueDeps = Omit<RemoteCatalogueDeps, 'store'> & {
  readonly source: HttpSource
  /** The address of a manifest, or the paths themselves. */
  readonly leaves: { readonly manifest: string } | { readonly paths: readonly string[] }
  readonly now: () => number
}

/** How long an entry that was found is taken to be still there, in milliseconds: a read asks every half second. */
export const entryMsMax = 5_000
const entriesKept = 1_000

export function createHttpCatalogue({ source, leaves, now, ...deps }: HttpCatalogueDeps): ResourceCatalogue {
  const fixed = 'paths' in leaves ? [...new Set(leaves.paths)].sort(compareIds) : undefined
  const kept = new Map<string, { readonly entry: ManifestEntry; readonly at: number }>()

  async function* entries(signal: AbortSignal): AsyncGenerator<ManifestEntry> {
    if ('manifest' in leaves) yield* manifestEntries(source, leaves.manifest, signal)
    else for (const path of fixed!) yield { path, metadata: {} }
  }

  async function find(path: string, signal: AbortSignal): Promise<ManifestEntry> {
    const known = kept.get(path)
    if (known !== undefined && now() - known.at < entryMsMax) return known.entry
    kept.delete(path)
    for await (const entry of entries(signal)) {
      const order = compareIds(entry.path, path)
      if (order > 0) break
      if (order < 0) continue
      if (kept.size >= entriesKept) kept.delete(kept.keys().next().value!)
      kept.set(path, { entry, at: now() })
      return entry
    }
    throw new PortcullisError('source.not_found')
  }

  return createRemoteCatalogue({
    ...deps,
    store: {
      scheme: 'http',
      async *list(folder, signal) {
        for await (const entry of entries(signal)) {
          if (entry.path.startsWith(folder)) yield entry
          else if (compareIds(entry.path, folder) > 0) return
        }
      },
      async look(path, signal, listed) {
        const said = (listed ?? (await find(path, signal))).metadata
        const headers = await source.head(path, signal)
        const size = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
        const version = httpVersion(headers, size)
        return {
          ...(version === undefined ? {} : { version }),
          ...(size === undefined ? {} : { size }),
          metadata: { ...said, mediaType: said?.mediaType ?? headers['content-type'] },
        }
      },
      start: async (path, signal) =>
        firstBytes(await source.get(path, { start: 0, end: contentBytesMax }, undefined, signal), contentBytesMax),
    },
  })
}
