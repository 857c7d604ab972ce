/** A call whose header the server has taken, and whose body has yet to come. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export type BegunCall = {
  /** Sends the body; resolves with all that comes until the server ends the connection, which the client would keep. */
  finish(): Promise<string>
}

export async function beginCall(url: string, path: string, body: string): Promise<BegunCall> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  const header = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'expect: 100-continue',
  ]
  socket.write(`${header.join('\r\n')}\r\n\r\n`)
  const [begun] = (await once(socket, 'data')) as [Buffer]
  if (!begun.toString().startsWith('HTTP/1.1 100 ')) throw new Error(`the server answered ${begun}`)
  return {
    finish() {
      socket.write(body)
      return text(socket)
    },
  }
}
