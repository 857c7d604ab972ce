/** Lets kafkajs see whole answers only: it keeps the beginning of a broken one across a reconnect, and then misreads all that follows. */
import type { Socket } from 'node:net'

const sizeBytes = 4
/** The correlation id. */
const answerBytesMin = 4
/** Far beyond what any of our requests can be answered with; something else listens there. */
export const answerBytesMax = 64 * 1024 * 1024

/** Chunks in, one buffer of whole answers out, or undefined when none is whole yet. @throws Error when the bytes are no answers */
export function createAnswerReader(): (chunk: Buffer) => Buffer | undefined {
  let parts: Buffer[] = []
  let length = 0
  let needed = sizeBytes

  return (chunk) => {
    parts.push(chunk)
    length += chunk.length
    if (length < needed) return undefined
    const bytes = parts.length === 1 ? chunk : Buffer.concat(parts)
    let end = 0
    needed = sizeBytes
    while (bytes.length - end >= sizeBytes) {
      const size = bytes.readInt32BE(end)
      if (size < answerBytesMin || size > answerBytesMax) throw new Error('not an answer of a Kafka broker')
      needed = sizeBytes + size
      if (bytes.length - end < needed) break
      end += needed
      needed = sizeBytes
    }
    const rest = bytes.subarray(end)
    parts = rest.length === 0 ? [] : [rest]
    length = rest.length
    return end === 0 ? undefined : bytes.subarray(0, end)
  }
}

/** What its listeners throw ends the connection, not the process. */
export function passWholeAnswers(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...values: unknown[]) => boolean
  const read = createAnswerReader()
  socket.emit = (event: string | symbol, ...values: unknown[]) => {
    if (event !== 'data') return emit(event, ...values)
    try {
      const answers = read(values[0] as Buffer)
      return answers === undefined || emit('data', answers)
    } catch (thrown) {
      socket.destroy(thrown instanceof Error ? thrown : new Error('unreadable answer'))
      return true
    }
  }
}
