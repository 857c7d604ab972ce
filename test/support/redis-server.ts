/** A real Redis on a free loopback port with a data folder of its own. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { ensureTool } from './ensure-tool.ts'
import { freePort, LOOPBACK } from './free-port.ts'
import { createServerProcess, retryStart, type ServerProcess } from './server-process.ts'
import { createTempFolder, type TempFolder } from './temp-folder.ts'

export type RedisServer = AsyncDisposable & {
  readonly port: number
  readonly url: string
  /** kill -9. Its port refuses connections from now on; its data stay for a restart. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void
  resume(): void
  /** The same port and data; kills it first if it runs. */
  restart(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export type RedisServerOptions = {
  /** Every write is on disk before it is answered (default), so a restart keeps all; otherwise a restart is empty. */
  readonly durable?: boolean
  /** Further arguments, such as `--maxmemory 2mb`. */
  readonly args?: readonly string[]
}

const READY_TIMEOUT_MS = 15_000
const PING_TIMEOUT_MS = 1_000

export function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  return retryStart(async () => {
    const folder = await createTempFolder('redis')
    const port = await freePort()
    const server = createServerProcess({
      name: 'Redis',
      command: await ensureTool('redis'),
      args: [...redisArguments(port, folder.path, options.durable ?? true), ...(options.args ?? [])],
      folder: folder.path,
      isReady: () => answersPing(port),
      readyTimeoutMs: READY_TIMEOUT_MS,
    })
    try {
      await server.start()
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
    return redisHandle(server, port, folder)
  })
}

function redisHandle(server: ServerProcess, port: number, folder: TempFolder): RedisServer {
  async function stop(): Promise<void> {
    await server.kill()
    await folder[Symbol.asyncDispose]()
  }
  return {
    port,
    url: `redis://${LOOPBACK}:${port}`,
    kill: server.kill,
    pause: server.pause,
    resume: server.resume,
    async restart() {
      await server.kill()
      await server.start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function redisArguments(port: number, folder: string, durable: boolean): string[] {
  const persistence = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  return ['--port', String(port), '--bind', LOOPBACK, '--dir', folder, '--save', '', ...persistence]
}

/** PONG, not merely an open port: while Redis loads its data it answers with an error. */
async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, LOOPBACK)
  try {
    socket.write('PING\r\n')
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(PING_TIMEOUT_MS) })
    return ['+PONG', '-NOAUTH'].some((word) => String(answer).startsWith(word))
  } finally {
    socket.destroy()
  }
}
