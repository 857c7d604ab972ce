/** Opens a source of bytes before anybody decides on it, so that it is closed whatever comes. */

/** Chunks of a source, each given only while the read is not aborted. */
export type Chunks = AsyncGenerator<Buffer, void, undefined>

export async function* guardSource(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  guard: (chunks: Chunks) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted()
  const source = bytes[Symbol.asyncIterator]()
  try {
    // a generator that was never asked for anything does not run its clean-up
    const first = await source.next()
    yield* guard(chunksOf(source, first, signal))
  } finally {
    await source.return?.()
  }
}

/** What was read beyond, then the rest. */
export async function* startingWith(first: Buffer, chunks: Chunks): Chunks {
  if (first.length > 0) yield first
  yield* chunks
}

async function* chunksOf(
  source: AsyncIterator<Uint8Array>,
  first: IteratorResult<Uint8Array>,
  signal: AbortSignal,
): Chunks {
  for (let next = first; next.done !== true; next = await source.next()) {
    signal.throwIfAborted()
    const { buffer, byteOffset, byteLength } = next.value
    yield Buffer.from(buffer, byteOffset, byteLength)
  }
}
