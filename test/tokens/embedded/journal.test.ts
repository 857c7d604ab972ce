/** The embedded token store's journal: damage, a full disk, growth, and one process at a time. */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Token } from '../../../src/domain/ids.ts'
import { createEmbeddedTokenStore } from '../../../src/tokens/embedded/embedded-token-store.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { alice, aRegistration, codeOf, drain, end, grantOf, leaf, leafOf, movableClock, open } from '../support.ts'

import { aFolder, registered, revoked, unfinishedTokens } from './support.ts'

describe('a file that is damaged', () => {
  const damages: Readonly<Record<string, (whole: Buffer) => Buffer>> = {
    'is empty': () => Buffer.alloc(0),
    'is cut within its first line': (whole) => whole.subarray(0, 10),
    'is full of zeroes': (whole) => Buffer.alloc(whole.length),
    'is something else': () => Buffer.from('This is not a journal.\n'.repeat(1_000)),
    'is changed in its middle': (whole) => flipped(whole, whole.length / 2),
    'lacks a line': (whole) => Buffer.concat([whole.subarray(0, whole.length / 3), whole.subarray(whole.length / 2)]),
  }
  test.each(Object.keys(damages))('that %s is set aside, and the store begins anew', async (kind) => {
    const { clock, path, reopen, close, said } = await aFolder()
    let store = await reopen()
    const registrations = Array.from({ length: 50 }, () => aRegistration(clock))
    for (const registration of registrations) await store.register(registration, { some: 'x'.repeat(20) })
    for (const { token } of registrations) await store.append(token, [leaf(0), end(1)])
    for (let count = 0; count < 5; count++) await registered(store, clock)
    await close()
    const file = join(path, 'tokens.journal')
    const damaged = damages[kind]!(await readFile(file))
    await writeFile(file, damaged)
    store = await reopen()
    expect(said).toEqual(['tokens.damaged_file_set_aside'])
    for (const { token } of registrations) expect(await codeOf(store.find(token, alice))).toBe('token.unknown')
    expect(await readFile(join(path, 'tokens.journal.damaged-1'))).toEqual(damaged)
    const registration = await registered(store, clock)
    store = await reopen()
    expect(await unfinishedTokens(store)).toEqual([registration.token])
    expect(said).toHaveLength(1)
  })

  test('at its end, as a crash in the middle of a write leaves it, keeps all that was acknowledged, wherever it was cut', async () => {
    const { clock, path, reopen, close, said } = await aFolder()
    const file = join(path, 'tokens.journal')
    let store = await reopen()
    const first = await registered(store, clock)
    const revokedOne = await revoked(store, clock)
    const acknowledged = (await stat(file)).size
    const last = await registered(store, clock)
    await close()
    const whole = await readFile(file)
    const torn: Buffer[] = [
      ...Array.from({ length: 40 }, () => acknowledged + Math.floor(Math.random() * (whole.length - acknowledged))),
      acknowledged,
      whole.length - 1,
    ].map((at) => whole.subarray(0, at))
    torn.push(Buffer.concat([whole.subarray(0, acknowledged), Buffer.alloc(4_096)]))
    torn.push(Buffer.concat([whole.subarray(0, acknowledged), randomBytes(100_000)]))
    torn.push(flipped(whole, whole.length - 10))
    for (const bytes of torn) {
      await writeFile(file, bytes)
      store = await reopen()
      expect(await unfinishedTokens(store)).toEqual([first.token])
      expect(await codeOf(store.find(last.token, alice))).toBe('token.unknown')
      expect(await codeOf(store.register(aRegistration(clock, { token: revokedOne }), {}))).toBe('token.used')
      await close()
    }
    expect(said).toEqual([])
  })
})

describe('a disk that is full', () => {
  test('refuses what it cannot keep, gives all it has, and takes more when there is room', async () => {
    const folder = await createTempFolder('tokens')
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const program = `
      import { randomUUID } from 'node:crypto'
      const { createEmbeddedTokenStore } = await import('${new URL('../../../src/tokens/embedded/embedded-token-store.ts', import.meta.url).href}')
      const options = { folder: process.argv[1], clock: { now: () => Date.now() } }
      const codeOf = (work) => work.then(() => 'none', (thrown) => thrown.code)
      const make = (length) => ({ token: randomUUID(), owner: 'Alice', resource: 'file:/x/' + 'y'.repeat(length), context: { purpose: '' }, registeredAt: 0, expiresAt: 1e14 })
      const store = await createEmbeddedTokenStore(options)
      const kept = []
      let code = 'none'
      while (code === 'none') {
        const registration = make(1_000)
        code = await codeOf(store.register(registration, {}))
        if (code === 'none') kept.push(registration.token)
      }
      const refused = make(9_000)
      const said = [code, await codeOf(store.check()), await codeOf(store.register(refused, {})), await codeOf(store.find(refused.token, 'Alice')), await codeOf(store.find(kept[0], 'Alice'))]
      const small = { ...refused, resource: 'file:/x/' }
      said.push(await codeOf(store.register(small, {})), await codeOf(store.check()))
      kept.push(small.token)
      console.log(JSON.stringify({ kept, said }))
      await store[Symbol.asyncDispose]()`
    // a process may write files of 64 KiB here; what is beyond fails as on a full disk
    const command = `trap '' XFSZ; ulimit -f 64; exec "$0" --import tsx --input-type=module -e "$1" "$2"`
    const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, program, folder.path])
    const { kept, said } = JSON.parse(stdout) as { kept: Token[]; said: string[] }
    expect(said).toEqual([
      'store.unavailable',
      'store.unavailable',
      'store.unavailable',
      'token.unknown',
      'none',
      'none',
      'none',
    ])
    await using store = await createEmbeddedTokenStore({ folder: folder.path, clock: movableClock() })
    expect((await unfinishedTokens(store)).sort()).toEqual(kept.sort())
  })
})

describe('the journal', () => {
  test('is written anew when it has grown, and loses nothing by it', async () => {
    const { clock, path, reopen } = await aFolder({ compactLengthMin: 20_000 })
    let store = await reopen()
    const file = join(path, 'tokens.journal')
    const live = await Promise.all(Array.from({ length: 5 }, () => registered(store, clock)))
    await store.grant(live[0]!.token, [grantOf(0)])
    await store.append(live[0]!.token, [leaf(0), end(1)])
    const gone: Token[] = []
    let written = 0
    let longest = 0
    while (written < 300_000) {
      const before = (await stat(file)).size
      gone.push(...(await Promise.all(Array.from({ length: 10 }, () => revoked(store, clock)))))
      const after = (await stat(file)).size
      written += Math.max(0, after - before)
      longest = Math.max(longest, after)
    }
    expect(longest).toBeLessThan(written / 2)
    store = await reopen()
    expect((await unfinishedTokens(store)).sort()).toEqual(
      live
        .slice(1)
        .map(({ token }) => token)
        .sort(),
    )
    expect(await drain(open(store, live[0]!.token))).toEqual(['0:leaf 0', '1:complete'])
    expect(await store.findGrant(live[0]!.token, leafOf(0).id)).toEqual(grantOf(0))
    for (const token of gone)
      expect(await codeOf(store.register(aRegistration(clock, { token }), {}))).toBe('token.used')
  })

  test('forgets what has expired when it is opened', async () => {
    const { clock, path, reopen } = await aFolder({ usedRememberedMs: 1_000 })
    const store = await reopen()
    await Promise.all(Array.from({ length: 100 }, () => registered(store, clock)))
    const long = (await stat(join(path, 'tokens.journal'))).size
    clock.advance(100_000)
    await reopen()
    expect((await stat(join(path, 'tokens.journal'))).size).toBeLessThan(long / 100)
  })
})

describe('a folder', () => {
  test('that another process uses is refused until that process has ended, however it ends', async () => {
    const { path, reopen } = await aFolder()
    const program = `
      const { createEmbeddedTokenStore } = await import('${new URL('../../../src/tokens/embedded/embedded-token-store.ts', import.meta.url).href}')
      await createEmbeddedTokenStore({ folder: process.argv[1], clock: { now: () => Date.now() } })
      console.log('open')
      setInterval(() => {}, 1_000)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    await expect(reopen()).rejects.toMatchObject({
      code: 'store.unavailable',
      message: 'Another process uses the token folder.',
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    await reopen()
  })

  test('whose last process had an id that another program has now can be opened', async () => {
    const { path, reopen } = await aFolder()
    // the test runner runs, but was started at another time
    await writeFile(join(path, 'lock'), `${process.ppid} 1\n`)
    await reopen()
  })
})

test('a folder of tokens is for its owner alone', async () => {
  const { path, reopen } = await aFolder()
  await chmod(path, 0o755)
  await reopen()
  expect((await stat(join(path, 'tokens.journal'))).mode & 0o777).toBe(0o600)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('a folder that cannot be opened is an unavailable store, whose error does not name it', async () => {
  const { path } = await aFolder()
  await writeFile(join(path, 'file'), '')
  const thrown = await createEmbeddedTokenStore({ folder: join(path, 'file'), clock: movableClock() }).catch(
    (thrown: unknown) => thrown,
  )
  expect(thrown).toMatchObject({ code: 'store.unavailable' })
  expect((thrown as Error).message).not.toContain(path)
})

/** With one bit changed. */
function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[Math.floor(at)]! ^= 1
  return changed
}
