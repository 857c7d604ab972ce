/** A loopback port that nothing listens on at the moment. Another process may take it first: who starts a server on it tries again with a new one. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export const LOOPBACK = '127.0.0.1'

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/** Distinct ports: all are held open until the last is known. */
export async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, LOOPBACK))
  await Promise.all(holders.map((holder) => holder.listening || once(holder, 'listening')))
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port)
  await Promise.all(holders.map((holder) => once(holder.close(), 'close')))
  return ports
}
