/** One connection set to the brokers, which can be cut at any time: kafkajs itself may wait long for a broker that does not answer. */
import { connect, type Socket } from 'node:net'
import { Kafka, logLevel, type RetryOptions } from 'kafkajs'
import { passWholeAnswers } from './whole-answers.ts'

/** In milliseconds. */
export const kafkaTimeouts = {
  connectMs: 2_000,
  /** A request that is not answered by then counts as failed; long polls and joins have their own. */
  requestMs: 5_000,
} as const

const keepAliveDelayMs = 10_000

export type KafkaClient = {
  readonly kafka: Kafka
  /** Cuts all connections, and lets no new one come up. */
  destroy(): void
}

export type OpenClient = (retry: RetryOptions) => KafkaClient

export function createClientOpener(brokers: string): OpenClient {
  return (retry) => {
    const sockets = new Set<Socket>()
    let destroyed = false
    const kafka = new Kafka({
      clientId: 'portcullis',
      brokers: brokers.split(',').map((broker) => broker.trim()),
      // its texts are not ours; what matters is logged by who asked
      logLevel: logLevel.NOTHING,
      connectionTimeout: kafkaTimeouts.connectMs,
      requestTimeout: kafkaTimeouts.requestMs,
      retry,
      socketFactory: ({ host, port, onConnect }) => {
        const socket = connect(
          { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs },
          onConnect,
        )
        passWholeAnswers(socket)
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
        if (destroyed) socket.destroy(new Error('closed'))
        return socket
      },
    })
    return {
      kafka,
      destroy() {
        destroyed = true
        for (const socket of sockets) socket.destroy()
      },
    }
  }
}
