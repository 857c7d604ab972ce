/** Reads objects of S3, and of what speaks like it. What is read is the object as its catalogue saw it, or the read fails. */
import { PortcullisError } from '../../domain/errors.ts'
import { openFile } from '../../remote/open-file.ts'
import type { PinnedPlace } from '../../remote/pinned-place.ts'
import { type S3Client, s3Version } from '../../remote/s3-client.ts'
import type { Reader } from '../reader.ts'

export type S3Bucket = { readonly client: S3Client; readonly prefix: string }

/** Buckets by `Place.root`. */
export function createS3Reader(buckets: ReadonlyMap<string, S3Bucket>): Reader {
  return {
    scheme: 's3',
    async open(place: PinnedPlace, part) {
      const bucket = buckets.get(place.root)
      if (bucket === undefined) throw new PortcullisError('source.not_found')
      return openFile(
        {
          get: (range, version, signal) => bucket.client.get(bucket.prefix + place.path, range, version, signal),
          versionOf: s3Version,
          isExact: () => true,
        },
        { ...part, version: place.version, size: place.size },
      )
    },
  }
}
