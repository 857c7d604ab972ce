/** Decodes an Avro container for people to look at, with the ordinary library. */
import { Readable } from 'node:stream'
import avro from 'avsc'

export async function* decodeAvro(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new avro.streams.BlockDecoder()
  const source = Readable.from(bytes, { objectMode: false })
  source.on('error', (error) => decoder.destroy(error))
  yield* source.pipe(decoder) as AsyncIterable<unknown>
}
