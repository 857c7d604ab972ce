/** Reads files of HDFS. What is read is the file as it was when its catalogue saw it: it is looked at before, and again before the last piece is given. */
import { PortcullisError } from '../../domain/errors.ts'
import type { PinnedPlace } from '../../remote/pinned-place.ts'
import type { WebHdfsClient } from '../../remote/webhdfs-client.ts'
import { wholeBytes } from '../../remote/whole-bytes.ts'
import type { Reader } from '../reader.ts'

/** `folder` is absolute and ends in `/`. */
export type HdfsFolder = { readonly client: WebHdfsClient; readonly folder: string }

/** Folders by `Place.root`. */
export function createWebHdfsReader(folders: ReadonlyMap<string, HdfsFolder>): Reader {
  return {
    scheme: 'hdfs',
    async open(place: PinnedPlace, { start = 0, end, signal }) {
      const root = folders.get(place.root)
      if (root === undefined) throw new PortcullisError('source.not_found')
      const { client } = root
      const path = root.folder + place.path
      const { type, version, size } = await client.status(path, signal)
      if (type !== 'FILE') throw new PortcullisError('source.forbidden')
      if (place.version !== undefined && place.version !== version) throw new PortcullisError('source.changed')
      const until = Math.min(end ?? size, size)
      if (start >= until) return { bytes: none(), size, version }

      async function confirm(): Promise<void> {
        if ((await client.status(path, signal)).version !== version) throw new PortcullisError('source.changed')
      }
      const openAt = async (position: number) => {
        const { body } = await client.open(path, { offset: position, length: until - position }, signal)
        return { offset: position, bytes: body }
      }
      const bytes = wholeBytes({
        first: await openAt(start),
        start,
        end: until,
        mayBeShorter: false,
        async reopen(position) {
          await confirm()
          return openAt(position)
        },
        confirm,
        signal,
      })
      return { bytes, size, version }
    },
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}
