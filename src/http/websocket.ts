/** What websockets of both interfaces share: signs of life, back-pressure, close codes. */
import type { WebSocket } from 'ws'
import { limits } from './limits.ts'

export const closeCodes = { normal: 1000, goingAway: 1001, notText: 1003, notJson: 1007, refused: 1008 } as const

/** Pings; a client that does not answer until the next ping is gone. The signal fires when the socket is closed, by whom ever. */
export function keepAlive(socket: WebSocket, heartbeatMs: number): AbortSignal {
  const controller = new AbortController()
  let alive = true
  socket.on('pong', () => (alive = true))
  const timer = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, heartbeatMs)
  timer.unref()
  // ws closes after an error, with the code for it; without a listener it would be thrown
  socket.on('error', () => undefined)
  socket.once('close', () => {
    clearInterval(timer)
    controller.abort()
  })
  return controller.signal
}

/** Resolves when the frame has left for the network: who awaits it goes at the client's pace. */
export function sendFrame(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.bufferedAmount > limits.frameBacklogBytesMax) {
      socket.terminate()
      reject(new Error('the client does not read what it is sent'))
      return
    }
    socket.send(text, (error) => (error ? reject(error) : resolve()))
  })
}
