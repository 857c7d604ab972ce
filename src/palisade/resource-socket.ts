/** One websocket of the predecessor's protocol: each CTS is answered by one item, each PING by a PONG, and nothing is sent unasked. */
import type { WebSocket } from 'ws'
import { PortcullisError, toPortcullisError } from '../domain/errors.ts'
import { linkSignals } from '../domain/linked-signal.ts'
import { closeCodes, keepAlive, sendFrame } from '../http/websocket.ts'
import type { LedgerItem } from '../tokens/token-store.ts'
import { completeFrame, errorFrame, parseClientFrame, pongFrame, resourceFrame } from './frames.ts'

export type ResourceSocketDeps = {
  /** As the client wrote it. */
  readonly token: string
  /** Called on the first CTS. @throws token.unknown among others */
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<LedgerItem>>
  readonly stopping: AbortSignal
  readonly heartbeatMs: number
  readonly onFault: (thrown: unknown) => void
}

export async function serveResourceSocket(socket: WebSocket, deps: ResourceSocketDeps): Promise<void> {
  const { token } = deps
  const gone = keepAlive(socket, deps.heartbeatMs)
  using ending = linkSignals(gone, deps.stopping)
  const { signal } = ending
  const credit = createCredit(signal)

  socket.on('message', (data: Buffer, isBinary: boolean) => {
    try {
      if (isBinary)
        return refuse(new PortcullisError('request.invalid', { message: 'frame: must be text' }), closeCodes.notText)
      const frame = parseClientFrame(data.toString('utf8'))
      if (frame === 'CTS') credit.add()
      else if (frame === 'PING') sendFrame(socket, pongFrame(token)).catch(() => undefined)
    } catch (thrown) {
      refuse(toPortcullisError(thrown), closeCodes.refused)
    }
  })

  function refuse(error: PortcullisError, closeCode: number): void {
    sendFrame(socket, errorFrame(token, 'delivery', error.message)).catch(() => undefined)
    socket.close(closeCode, error.code)
  }

  try {
    for await (const frame of frames(deps, signal, credit)) await sendFrame(socket, frame)
  } catch (thrown) {
    if (!gone.aborted) deps.onFault(thrown)
  }
  if (deps.stopping.aborted) socket.close(closeCodes.goingAway, 'service.stopping')
  // after COMPLETE the client closes; until then PING is still answered
}

/** The frame each CTS is answered with. What cannot be opened, or breaks, is one ERROR, and COMPLETE follows on the next CTS: nothing hangs. */
async function* frames(deps: ResourceSocketDeps, signal: AbortSignal, credit: Credit): AsyncGenerator<string> {
  const { token } = deps
  let items: AsyncIterator<LedgerItem> | undefined
  try {
    while (await credit.take()) {
      try {
        items ??= (await deps.open(signal))[Symbol.asyncIterator]()
        const { value: item, done } = await items.next()
        if (done === true) throw new PortcullisError('internal')
        if (item.kind === 'complete') break
        yield item.kind === 'leaf'
          ? resourceFrame(token, item.leaf)
          : errorFrame(token, item.failure.stage, item.failure.message)
      } catch (thrown) {
        if (signal.aborted) return
        deps.onFault(thrown)
        yield errorFrame(token, 'delivery', toPortcullisError(thrown).message)
        if (!(await credit.take())) return
        break
      }
    }
    if (!signal.aborted) yield completeFrame(token)
  } finally {
    await items?.return?.()
  }
}

type Credit = {
  add(): void
  /** false when there will be none any more. */
  take(): Promise<boolean>
}

function createCredit(signal: AbortSignal): Credit {
  let available = 0
  let wake = () => {}
  signal.addEventListener('abort', () => wake(), { once: true })
  return {
    add() {
      available++
      wake()
    },
    async take() {
      while (available === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (signal.aborted) return false
      available--
      return true
    },
  }
}
