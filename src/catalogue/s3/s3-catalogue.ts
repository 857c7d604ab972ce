/** Leaves from a bucket, or from what lies below a prefix of it. Keys that end in `/` stand for folders and are no leaves. */
import { firstBytes } from '../../remote/byte-range.ts'
import { type S3Client, s3Version } from '../../remote/s3-client.ts'
import { contentBytesMax } from '../leaf-type.ts'
import { createRemoteCatalogue, type Entry, type RemoteCatalogueDeps } from '../remote-catalogue.ts'
import type { ResourceCatalogue } from '../resource-catalogue.ts'

export type S3CatalogueDeps = Omit<RemoteCatalogueDeps, 'store'> & {
  readonly client: S3Client
  /** Empty, or ends in `/`. */
  readonly prefix: string
  /** Keys asked for at once, at most 1,000. */
  readonly pageKeysMax?: number
}

export function createS3Catalogue({ client, prefix, pageKeysMax = 1000, ...deps }: S3CatalogueDeps): ResourceCatalogue {
  async function* list(folder: string, signal: AbortSignal): AsyncGenerator<Entry> {
    let page: string | undefined
    do {
      const { objects, next } = await client.list({ prefix: prefix + folder, page, keysMax: pageKeysMax }, signal)
      for (const { key } of objects)
        if (key === undefined || !key.endsWith('/')) yield { path: key?.slice(prefix.length) }
      page = next
    } while (page !== undefined)
  }

  return createRemoteCatalogue({
    ...deps,
    store: {
      scheme: 's3',
      list,
      async look(path, signal) {
        const headers = await client.head(prefix + path, signal)
        const version = s3Version(headers)
        const recordType = headers['x-amz-meta-record-type']
        return {
          ...(version === undefined ? {} : { version }),
          ...(headers['content-length'] === undefined ? {} : { size: Number(headers['content-length']) }),
          metadata: {
            mediaType: headers['content-type'],
            recordType: typeof recordType === 'string' ? recordType : undefined,
          },
        }
      },
      start: async (path, signal) =>
        firstBytes(
          await client.get(prefix + path, { start: 0, end: contentBytesMax }, undefined, signal),
          contentBytesMax,
        ),
    },
  })
}
