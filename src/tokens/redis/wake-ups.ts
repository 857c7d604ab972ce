/** Tells readers that a token has news, over one connection for all of them. A wake-up may be lost: while the connection is down, readers look for themselves. */
import { createWakeUp, type WakeUp } from '../wake-up.ts'
import { firstTry, redisOptions } from './connection.ts'
import { createRedisClient, type RedisAccess } from './redis-access.ts'

/** In milliseconds. */
const wakeUpLimitsMs = {
  /** How often the connection is tried while somebody waits. */
  heartbeat: 500,
  /** How often a reader looks for itself while no wake-up would reach it. */
  recheck: 500,
  /** How often it looks for itself even so: what Redis loses it tells nobody. */
  idleRecheck: 10_000,
} as const

export type Listener = {
  readonly news: Pick<WakeUp, 'version' | 'changed'>
  stop(): void
}

export interface WakeUps extends AsyncDisposable {
  /** Resolves when wake-ups arrive, or at once when the connection is down. */
  listen(channel: string): Promise<Listener>
}

type Channel = { readonly news: WakeUp; readers: number; live: boolean }

export async function createWakeUps(access: RedisAccess): Promise<WakeUps> {
  const client = createRedisClient(access, redisOptions())
  const channels = new Map<string, Channel>()
  client.on('message', (name: string) => channels.get(name)?.news.wake())
  client.on('ready', () => {
    for (const [name, channel] of channels) subscribe(name, channel).catch(() => undefined)
  })
  client.on('close', () => {
    for (const channel of channels.values()) {
      channel.live = false
      channel.news.wake()
    }
  })
  // the store's other connection says it
  client.on('error', () => undefined)
  await firstTry(client)
  const heartbeat = setInterval(() => {
    if (channels.size > 0 && client.status === 'ready') client.ping().catch(() => undefined)
  }, wakeUpLimitsMs.heartbeat)
  heartbeat.unref()

  async function subscribe(name: string, channel: Channel): Promise<void> {
    if (client.status !== 'ready') return
    await client.subscribe(name)
    channel.live = true
    // what came while nobody listened
    channel.news.wake()
  }

  return {
    async listen(name) {
      const channel = channels.get(name) ?? { news: createWakeUp(), readers: 0, live: false }
      channels.set(name, channel)
      channel.readers++
      // where the connection breaks meanwhile, the next one subscribes again
      if (!channel.live) await subscribe(name, channel).catch(() => undefined)
      let stopped = false
      return {
        news: {
          get version() {
            return channel.news.version
          },
          changed: (since, { signal, timeoutMs }) =>
            channel.news.changed(since, {
              signal,
              timeoutMs: Math.min(timeoutMs, channel.live ? wakeUpLimitsMs.idleRecheck : wakeUpLimitsMs.recheck),
            }),
        },
        stop() {
          if (stopped) return
          stopped = true
          if (--channel.readers > 0) return
          channels.delete(name)
          if (client.status === 'ready') client.unsubscribe(name).catch(() => undefined)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat)
      client.disconnect()
      for (const { news } of channels.values()) news.wake()
    },
  }
}
