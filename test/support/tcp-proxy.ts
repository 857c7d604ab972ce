/** A TCP proxy on loopback that misbehaves on demand, between a client and a real server. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { LOOPBACK } from './free-port.ts'

/** Applies to bytes that pass from the moment it is set, on connections open already too. */
export type ProxyFault =
  /** Each chunk, in both directions, arrives this much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** After this many bytes from the server on one connection (counted from the moment the fault is set), both sides get a reset. */
  | { readonly kind: 'reset-after'; readonly bytes: number }
  /** Connections are accepted and stay open; what is sent vanishes. */
  | { readonly kind: 'black-hole' }
  /** After this many bytes from the server on one connection, the client sees an orderly end of its input, but can still send. */
  | { readonly kind: 'half-close-after'; readonly bytes: number }

export type TcpProxy = AsyncDisposable & {
  readonly port: number
  readonly address: string
  /** How many client connections are open. */
  readonly connections: number
  /** `undefined`: passes everything on, unchanged and at once. */
  setFault(fault: ProxyFault | undefined): void
  /** Resets all open connections now; new ones are served. */
  resetConnections(): void
  /** New connections are refused, open ones reset. */
  refuse(): Promise<void>
  /** Listens on the same port again. */
  accept(): Promise<void>
}

const RESET_AFTER_LAST_BYTES_MS = 20

type Link = { readonly client: Socket; readonly server: Socket; readonly abort: AbortController; serverBytes: number }

export async function startTcpProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  const links = new Set<Link>()
  let fault: ProxyFault | undefined
  let listener = await listen(0)
  const { port } = listener.address() as AddressInfo

  async function listen(onPort: number): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, open).listen(onPort, LOOPBACK)
    await once(server, 'listening')
    return server
  }

  function open(client: Socket): void {
    const server = connect({ ...target, host: target.host ?? LOOPBACK, allowHalfOpen: true, noDelay: true })
    const link: Link = { client, server, abort: new AbortController(), serverBytes: 0 }
    links.add(link)
    for (const socket of [client, server]) {
      socket.on('error', () => reset(link))
      socket.once('close', () => client.destroyed && server.destroyed && links.delete(link))
    }
    void pump(link, client, server)
    void pump(link, server, client)
  }

  async function pump(link: Link, from: Socket, to: Socket): Promise<void> {
    try {
      // One direction's end must leave the other open.
      const chunks: AsyncIterable<Buffer> = from.iterator({ destroyOnReturn: false })
      for await (const chunk of chunks) {
        const passed = await whatPasses(link, from, chunk)
        if (passed.length > 0) await write(to, passed)
        if (from === link.server) await afterServerBytes(link, passed.length)
      }
      to.end()
    } catch {
      reset(link)
    }
  }

  async function whatPasses(link: Link, from: Socket, chunk: Buffer): Promise<Buffer> {
    const active = fault
    switch (active?.kind) {
      case undefined:
        return chunk
      case 'latency':
        await delay(active.ms, undefined, { signal: link.abort.signal })
        return chunk
      case 'black-hole':
        return chunk.subarray(0, 0)
      case 'reset-after':
      case 'half-close-after':
        return from === link.server ? chunk.subarray(0, Math.max(0, active.bytes - link.serverBytes)) : chunk
    }
  }

  async function afterServerBytes(link: Link, bytes: number): Promise<void> {
    if (fault?.kind !== 'reset-after' && fault?.kind !== 'half-close-after') return
    link.serverBytes += bytes
    if (link.serverBytes < fault.bytes) return
    if (fault.kind === 'half-close-after') return void link.client.end()
    // A Node client that finds bytes and a reset in one go reports an orderly end, so let it read the bytes first.
    await delay(RESET_AFTER_LAST_BYTES_MS, undefined, { signal: link.abort.signal })
    await setImmediate()
    reset(link)
  }

  function reset(link: Link): void {
    link.abort.abort()
    for (const socket of [link.client, link.server]) resetAtOnce(socket)
  }

  function resetConnections(): void {
    for (const link of links) reset(link)
  }

  async function refuse(): Promise<void> {
    if (!listener.listening) return
    const closed = once(listener, 'close')
    listener.close()
    resetConnections()
    await closed
  }

  return {
    port,
    address: `${LOOPBACK}:${port}`,
    get connections() {
      return links.size
    },
    setFault(next) {
      fault = next
      for (const link of links) link.serverBytes = 0
    },
    resetConnections,
    refuse,
    async accept() {
      if (!listener.listening) listener = await listen(port)
    },
    [Symbol.asyncDispose]: refuse,
  }
}

/** Resolves when the kernel has the bytes: a reset would discard those it hasn't. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}

/** `resetAndDestroy` ends the stream in an orderly way before it resets; a reader would then see a clean end. */
function resetAtOnce(socket: Socket): void {
  Reflect.set(socket, 'resetAndClosing', true)
  socket.destroy()
}
