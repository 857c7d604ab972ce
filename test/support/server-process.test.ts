import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { LOOPBACK } from './free-port.ts'
import { createTempFolder } from './temp-folder.ts'

const OWNER_TIMEOUT_MS = 10_000

test('a server does not outlive a test process that is killed, nor do its data', async () => {
  await using temp = await createTempFolder('owner')
  const { port, owner } = await ownedRedis(temp.path)
  expect(await accepts(port)).toBe(true)
  expect(await dataFolders(temp.path)).toHaveLength(1)
  owner.kill('SIGKILL')
  await vi.waitFor(
    async () => {
      expect(await accepts(port)).toBe(false)
      expect(await dataFolders(temp.path)).toEqual([])
    },
    { timeout: OWNER_TIMEOUT_MS },
  )
})

/** A process of its own that starts a Redis whose data lie in this folder. */
async function ownedRedis(folder: string) {
  const module = new URL('redis-server.ts', import.meta.url).href
  const program = `
    const { startRedisServer } = await import('${module}')
    const server = await startRedisServer()
    console.log(server.port)`
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  })
  const [line] = await once(owner.stdout, 'data', { signal: AbortSignal.timeout(OWNER_TIMEOUT_MS) })
  return { owner, port: Number(String(line)) }
}

async function dataFolders(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('portcullis-redis-'))
}

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
