/** Reads files of web servers. What is read is the file as its catalogue saw it, or the read fails. */
import { PortcullisError } from '../../domain/errors.ts'
import { type HttpSource, httpVersion, isExactVersion } from '../../remote/http-source.ts'
import { openFile } from '../../remote/open-file.ts'
import type { PinnedPlace } from '../../remote/pinned-place.ts'
import type { Reader } from '../reader.ts'

export type HttpReaderOptions = {
  /** The longest file, in bytes: one that does not say how long it is, is cut off there. */
  readonly bytesMax?: number
}

/** Sources by `Place.root`. */
export function createHttpReader(sources: ReadonlyMap<string, HttpSource>, options: HttpReaderOptions = {}): Reader {
  return {
    scheme: 'http',
    async open(place: PinnedPlace, part) {
      const source = sources.get(place.root)
      if (source === undefined) throw new PortcullisError('source.not_found')
      return openFile(
        {
          get: (range, version, signal) => source.get(place.path, range, version, signal),
          versionOf: httpVersion,
          isExact: isExactVersion,
        },
        { ...part, ...options, version: place.version, size: place.size },
      )
    },
  }
}
