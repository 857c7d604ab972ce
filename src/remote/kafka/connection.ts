/** One connection to one Kafka broker: requests go out, whole answers come back in their order, each within a time and a size. */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { PortcullisError } from '../../domain/errors.ts'
import { brokenAnswer, passingFault } from '../remote-fault.ts'
import { authenticate, type KafkaCredentials } from './sasl.ts'
import { createKafkaWriter, type KafkaBytes, kafkaBytes } from './wire.ts'

export type KafkaAddress = { readonly host: string; readonly port: number }

export type KafkaRequest<Answer> = {
  readonly api: number
  readonly version: number
  /** Of the version: with compact lengths, and with tagged fields in both headers. */
  readonly isFlexible?: boolean
  readonly body: Uint8Array
  /** Reads the answer behind its header. @throws RangeError where it is not as the version says; what its codes mean */
  read(bytes: KafkaBytes): Answer
}

export type KafkaConnection = {
  /** @throws source.unavailable (may be asked again) when the connection breaks or the time is up, format.limit when the answer is too large; the signal's reason */
  send<Answer>(request: KafkaRequest<Answer>, signal: AbortSignal): Promise<Answer>
  isOpen(): boolean
  close(): void
}

export type KafkaConnectionOptions = {
  /** The longest wait for a connection, and for each answer, in milliseconds. */
  readonly timeoutMs: number
  readonly tls: boolean
  readonly credentials?: KafkaCredentials
}

/** An answer holds one piece of a log, or one batch that is larger than a piece; in bytes. */
export const kafkaAnswerBytesMax = 32 * 1024 * 1024
const sizeBytes = 4
const keepAliveDelayMs = 10_000

/** @throws source.unavailable (may be asked again), source.forbidden for credentials that are refused */
export async function openKafkaConnection(
  address: KafkaAddress,
  options: KafkaConnectionOptions,
  signal: AbortSignal,
): Promise<KafkaConnection> {
  signal.throwIfAborted()
  const socket = await connected(address, options, signal)
  const connection = talk(socket, options.timeoutMs)
  try {
    if (options.credentials !== undefined) await authenticate(connection, options.credentials, signal)
    return connection
  } catch (thrown) {
    connection.close()
    throw thrown
  }
}

function connected(
  { host, port }: KafkaAddress,
  options: KafkaConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { timeoutMs } = options
    const common = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs }
    const socket: Socket = options.tls ? connectSecure({ ...common, servername: host }) : connectPlain(common)
    const fail = (cause: unknown) => {
      finish()
      socket.destroy()
      reject(signal.aborted ? signal.reason : passingFault(cause))
    }
    const onAbort = () => fail(signal.reason)
    const timer = setTimeout(() => fail(new Error('no connection in time')), timeoutMs)
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    signal.addEventListener('abort', onAbort)
    socket.once('error', fail)
    socket.once(options.tls ? 'secureConnect' : 'connect', () => {
      finish()
      socket.removeListener('error', fail)
      resolve(socket)
    })
  })
}

type Waiting = { readonly correlation: number; resolve(answer: Buffer): void; reject(thrown: unknown): void }

function talk(socket: Socket, timeoutMs: number): KafkaConnection {
  const waiting: Waiting[] = []
  let correlation = 0
  let closed: unknown
  const end = (cause: unknown) => {
    closed ??= cause
    socket.destroy()
    for (const one of waiting.splice(0)) one.reject(closed)
  }
  const collect = answersOf((answer) => {
    const one = waiting.shift()
    if (one === undefined || answer.length < sizeBytes || answer.readInt32BE(0) !== one.correlation)
      return end(brokenAnswer('an answer to nothing that was asked'))
    one.resolve(answer)
  })
  socket.on('data', (chunk: Buffer) => {
    try {
      collect(chunk)
    } catch (thrown) {
      end(thrown)
    }
  })
  socket.on('error', (thrown) => end(passingFault(thrown)))
  socket.on('close', () => end(passingFault(new Error('the connection was closed'))))

  return {
    async send(request, signal) {
      signal.throwIfAborted()
      if (closed !== undefined) throw closed
      const id = ++correlation
      const answer = new Promise<Buffer>((resolve, reject) => waiting.push({ correlation: id, resolve, reject }))
      const timer = setTimeout(() => end(passingFault(new Error('no answer in time'))), timeoutMs)
      // whose turn an answer is could not be told if one were no longer waited for
      const onAbort = () => end(signal.reason)
      signal.addEventListener('abort', onAbort)
      try {
        socket.write(framed(request, id))
        const bytes = kafkaBytes(await answer)
        bytes.int32()
        if (request.isFlexible === true) bytes.skipTags()
        return request.read(bytes)
      } catch (thrown) {
        throw thrown instanceof RangeError ? brokenAnswer('an answer that is not as its version says') : thrown
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
    },
    isOpen: () => closed === undefined,
    close: () => end(passingFault(new Error('the connection was closed'))),
  }
}

function framed({ api, version, isFlexible, body }: KafkaRequest<unknown>, correlation: number): Buffer {
  const head = createKafkaWriter().int16(api).int16(version).int32(correlation).text('portcullis')
  if (isFlexible === true) head.compactLength(undefined)
  const bytes = head.raw(body).toBytes()
  return createKafkaWriter().int32(bytes.length).raw(bytes).toBytes()
}

/** @throws what is no answer, or one too large */
function answersOf(onAnswer: (answer: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let length = 0
  let needed = sizeBytes
  return (chunk) => {
    parts.push(chunk)
    length += chunk.length
    while (length >= needed) {
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length)
      const size = bytes.readInt32BE(0)
      if (size < sizeBytes) throw brokenAnswer('not an answer of a Kafka broker')
      if (size > kafkaAnswerBytesMax)
        throw new PortcullisError('format.limit', { cause: new Error('an answer larger than it may be') })
      needed = sizeBytes + size
      parts = [bytes]
      if (length < needed) return
      const rest = bytes.subarray(needed)
      onAnswer(bytes.subarray(sizeBytes, needed))
      parts = rest.length === 0 ? [] : [rest]
      length = rest.length
      needed = sizeBytes
    }
  }
}
