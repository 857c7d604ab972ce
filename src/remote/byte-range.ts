/** Parts of a remote file, as HTTP names them: asked for, and checked in the answer. */

import { bodyStart, type RemoteResponse } from './http-client.ts'
import { brokenAnswer, statusFault } from './remote-fault.ts'

/** Bytes from `start` up to, not including, `end`; undefined: to the end. */
export type ByteRange = { readonly start: number; readonly end?: number | undefined }

export type RangedAnswer = {
  /** Where in the file its body begins. */
  readonly offset: number
  /** Bytes of the whole file, where the answer says. */
  readonly size?: number
}

export function rangeHeaders({ start, end }: ByteRange): Record<string, string> {
  if (start === 0 && end === undefined) return {}
  return { range: `bytes=${start}-${end === undefined ? '' : end - 1}` }
}

/** A server may send the whole file instead of a part; anything else is refused. @throws source.* */
export function rangedAnswer({ status, headers }: RemoteResponse, { start }: ByteRange): RangedAnswer {
  if (status === 200) {
    const length = headers['content-length']
    return { offset: 0, ...(length === undefined ? {} : { size: Number(length) }) }
  }
  if (status === 416) {
    const size = headers['content-range']?.match(/^bytes \*\/([0-9]+)$/u)?.[1]
    return { offset: start, ...(size === undefined ? {} : { size: Number(size) }) }
  }
  if (status !== 206) throw statusFault(status)
  const [, first, , size] = headers['content-range']?.match(/^bytes ([0-9]+)-([0-9]+)\/([0-9]+|\*)$/u) ?? []
  if (first === undefined || Number(first) !== start) throw brokenAnswer('a part begins elsewhere than asked')
  return { offset: start, ...(size === '*' ? {} : { size: Number(size) }) }
}

/** Of the answer to a request for the first bytes. @throws source.* */
export async function firstBytes(response: RemoteResponse, bytesMax: number): Promise<Uint8Array> {
  if (response.status === 200 || response.status === 206) return bodyStart(response, bytesMax)
  response.close()
  // of an empty file there is no first byte
  if (response.status === 416) return new Uint8Array()
  throw statusFault(response.status)
}
