/**
 * Requests that offer an upgrade we don't take are answered as what they are, HTTP/1.1: Java's own client offers HTTP/2 with each of its first requests.
 * A Node server that takes upgrades at all takes every one of them for one; only the request itself can say otherwise, hence a class.
 */
import { IncomingMessage } from 'node:http'

// not a private field: Node's own constructor asks before one would be there
const offered = new WeakSet<UpgradableMessage>()

export class UpgradableMessage extends IncomingMessage {
  /** Asked when the headers are there. */
  get upgrade(): boolean {
    return offered.has(this) && this.headers.upgrade?.trim().toLowerCase() === 'websocket'
  }

  set upgrade(value: boolean) {
    if (value) offered.add(this)
  }
}
