/** One connection set to the brokers, which can be cut at any time: kafkajs itself may wait long for a broker that does not answer. */
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { Kafka, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs'
import { passWholeAnswers } from './whole-answers.ts'

/** In milliseconds. */
export const kafkaTimeouts = {
  connectMs: 2_000,
  /** A request that is not answered by then counts as failed; long polls and joins have their own. */
  requestMs: 5_000,
} as const

const keepAliveDelayMs = 10_000

/** How brokers are reached and told who we are. */
export type KafkaAccess = {
  /** host:port, several separated by commas. */
  readonly brokers: string
  /** Absent: no TLS. PEM; without `ca`, the authorities that Node trusts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string }
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
}

export type KafkaClient = {
  readonly kafka: Kafka
  /** Cuts all connections, and lets no new one come up. */
  destroy(): void
}

export type OpenClient = (retry: RetryOptions) => KafkaClient

export function createClientOpener({ brokers, tls, sasl }: KafkaAccess): OpenClient {
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
      // it writes into what it is given
      ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
      retry,
      socketFactory: ({ host, port, onConnect }) => {
        const socket =
          tls === undefined ? connectPlain({ host, port }) : connectSecure({ host, port, ...nameOf(host), ...tls })
        socket.once(tls === undefined ? 'connect' : 'secureConnect', onConnect)
        socket.setNoDelay(true)
        socket.setKeepAlive(true, keepAliveDelayMs)
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

/** The system's or TLS's own word for what is wrong (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), else the class of the error: never a message. */
export function reasonOf(thrown: unknown): string {
  let reason = 'unknown'
  for (let cause = thrown; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (typeof code === 'string') return code
    reason = cause.name
  }
  return reason
}

/** Told to the broker, which an address must not be. */
function nameOf(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}

function saslOptions({ mechanism, username, password }: NonNullable<KafkaAccess['sasl']>): SASLOptions {
  return { mechanism, username, password } as SASLOptions
}
