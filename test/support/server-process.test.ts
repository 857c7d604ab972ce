import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { LOOPBACK } from './free-port.ts'

test('a server does not outlive a test process that is killed, nor do its data', async () => {
  const folder = new URL('.', import.meta.url).href
  const program = `
    const { startRedisServer } = await import('${folder}redis-server.ts')
    const server = await startRedisServer()
    console.log(server.port)
    setInterval(() => {}, 1000)`
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: process.env.TMPDIR ?? '/tmp' },
  })
  const [line] = await once(owner.stdout, 'data')
  const port = Number(String(line))
  expect(await accepts(port)).toBe(true)
  owner.kill('SIGKILL')
  await vi.waitFor(async () => expect(await accepts(port)).toBe(false), { timeout: 10_000 })
})

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, LOOPBACK)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
