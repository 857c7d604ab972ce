/** Decodes an Avro container for people to look at, with the ordinary library. */
import { Readable } from 'node:stream'
import avro from 'avsc'
import { PortcullisError } from '../domain/errors.ts'

export async function* decodeAvro(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new avro.streams.BlockDecoder()
  const source = Readable.from(bytes, { objectMode: false })
  source.on('error', (error) => decoder.destroy(error))
  try {
    yield* source.pipe(decoder) as AsyncIterable<unknown>
  } catch (thrown) {
    if (thrown instanceof PortcullisError) throw thrown
    throw new PortcullisError('format.corrupt', { message: 'This is no Avro container.', cause: thrown })
  }
}
