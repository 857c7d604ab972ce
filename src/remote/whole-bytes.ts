/** Gives exactly the bytes asked for: what breaks off is taken up again where it broke, a few times; what ends early fails. */
import { brokenAnswer, mayAskAgain, passingFault } from './remote-fault.ts'

/** How often one read is taken up again. */
export const resumptionsMax = 5
/** No store holds a larger file; a body without an end is cut off here, in bytes. */
export const fileBytesMax = 5 * 2 ** 40

/** `offset`: where in the file these bytes begin, at or before what was asked for. */
export type OpenedBytes = { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array> }

export type WholeBytesOptions = {
  readonly first: OpenedBytes
  readonly start: number
  /** Where the bytes end, exclusive; undefined: where the store ends them. */
  readonly end: number | undefined
  /** The file may end before `end`: nobody said how long it is. */
  readonly mayBeShorter: boolean
  /** Opens the same content at a position, or throws; undefined: it cannot be known to be the same. */
  readonly reopen: ((position: number) => Promise<OpenedBytes>) | undefined
  /** Asked before the last piece is given, where the end is known. @throws source.changed */
  readonly confirm?: () => Promise<void>
  readonly signal: AbortSignal
  readonly bytesMax?: number | undefined
}

export async function* wholeBytes(options: WholeBytesOptions): AsyncGenerator<Uint8Array> {
  const { start, end = Number.POSITIVE_INFINITY, signal, bytesMax = fileBytesMax } = options
  let position = start
  let opened: OpenedBytes | undefined = options.first
  let resumptions = 0
  for (;;) {
    try {
      opened ??= await options.reopen!(position)
      let at = opened.offset
      for await (const piece of opened.bytes) {
        signal.throwIfAborted()
        const part = piece.subarray(Math.max(0, position - at), Math.max(0, end - at))
        at += piece.length
        if (part.length > 0) {
          const reached = position + part.length
          if (reached - start > bytesMax) throw brokenAnswer('more bytes than a file may have')
          if (reached === end) await options.confirm?.()
          position = reached
          yield part
        }
        // a store that sends more than was asked for
        if (at > end) break
      }
      if (position === end || end === Number.POSITIVE_INFINITY || options.mayBeShorter) return
      throw passingFault(new Error('ended before its end'))
    } catch (thrown) {
      signal.throwIfAborted()
      // everything was given, only the connection did not end as it should
      if (position === end) return
      if (options.reopen === undefined || !mayAskAgain(thrown) || resumptions++ >= resumptionsMax) throw thrown
      opened = undefined
    }
  }
}
