/** The embedded token store over restarts, with its limits, and on a damaged file. */
import { execFile, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Token } from '../../../src/domain/ids.ts'
import type { Extras, Registration } from '../../../src/domain/records.ts'
import {
  createEmbeddedTokenStore,
  type EmbeddedTokenStoreOptions,
} from '../../../src/tokens/embedded/embedded-token-store.ts'
import type { TokenStore } from '../../../src/tokens/token-store.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import {
  alice,
  aRegistration,
  codeOf,
  drain,
  end,
  failed,
  grantOf,
  hidden,
  leaf,
  leafOf,
  movableClock,
  open,
} from '../support.ts'

type Unfinished = { readonly registration: Registration; readonly extras: Extras }

describe('after a restart', () => {
  test('exactly the requests that were not complete are unfinished, with their headers', async () => {
    const { clock, reopen } = await aFolder()
    let store = await reopen()
    const [waiting, begun, complete, revoked, expired] = [1, 2, 3, 4]
      .map(() => aRegistration(clock))
      .concat(aRegistration(clock, { livesMs: 1_000 }))
    for (const registration of [waiting!, begun!, complete!, revoked!, expired!])
      await store.register(registration, { traceparent: `of ${registration.token}` })
    await store.append(begun!.token, [leaf(0), end(2)])
    await store.append(complete!.token, [leaf(0), end(1)])
    await store.revoke(revoked!.token, alice)
    clock.advance(1_001)
    store = await reopen()
    const unfinished: Unfinished[] = []
    for await (const one of store.unfinished()) unfinished.push(one)
    const expected = [waiting!, begun!].map((registration) => ({
      registration,
      extras: { traceparent: `of ${registration.token}` },
    }))
    const byToken = (a: Unfinished, b: Unfinished) => a.registration.token.localeCompare(b.registration.token)
    expect(unfinished.sort(byToken)).toEqual(expected.sort(byToken))
  })

  test('a complete request is read as before: ledger, resumption, grants, total', async () => {
    const { clock, reopen } = await aFolder()
    let store = await reopen()
    const registration = aRegistration(clock)
    const { token } = registration
    await store.register(registration, {})
    await store.setTotal(token, 4)
    await store.grant(token, [grantOf(0), grantOf(3)])
    await store.append(token, [leaf(0), hidden(1), failed(2), leaf(3), end(4)])
    const before = await drain(open(store, token))
    store = await reopen()
    expect(await store.find(token, alice)).toEqual(registration)
    expect(await store.state(token, alice)).toEqual({ registration, complete: true, items: 3 })
    expect(await drain(open(store, token))).toEqual(before)
    expect(await drain(open(store, token, { position: 2 }))).toEqual(['2:leaf 3', '3:complete'])
    expect(await store.findGrant(token, leafOf(3).id)).toEqual(grantOf(3))
    expect(await codeOf(store.findGrant(token, leafOf(1).id))).toBe('grant.unknown')
    expect(await store.total(token)).toBe(4)
    await store.append(token, [leaf(0), end(9)])
    expect(await drain(open(store, token))).toEqual(before)
    await store.revoke(token, alice)
    store = await reopen()
    expect(await codeOf(store.find(token, alice))).toBe('token.unknown')
  })

  test('a request that was not complete goes through the pipeline again from its start', async () => {
    const { clock, reopen } = await aFolder()
    let store = await reopen()
    const registration = aRegistration(clock)
    const { token } = registration
    await store.register(registration, {})
    await store.append(token, [leaf(0), hidden(1)])
    store = await reopen()
    expect(await store.state(token, alice)).toEqual({ registration, complete: false, items: 0 })
    await store.append(token, [leaf(0), hidden(1), leaf(2), end(3)])
    expect(await drain(open(store, token, { position: 1 }))).toEqual(['1:leaf 2', '2:complete'])
  })

  test('a request too long to keep is unfinished', async () => {
    const { clock, reopen } = await aFolder({ keptItemsMax: 2 })
    let store = await reopen()
    const registration = aRegistration(clock)
    await store.register(registration, {})
    await store.append(registration.token, [leaf(0), leaf(1), leaf(2), end(3)])
    store = await reopen()
    expect(await unfinishedTokens(store)).toEqual([registration.token])
  })

  test('a token that expired or was revoked before is still used, until that is forgotten', async () => {
    const { clock, reopen } = await aFolder({ usedRememberedMs: 5_000 })
    let store = await reopen()
    const [revoked, expired] = [aRegistration(clock, { livesMs: 1_000 }), aRegistration(clock, { livesMs: 1_000 })]
    await store.register(revoked, {})
    await store.register(expired, {})
    await store.revoke(revoked.token, alice)
    clock.advance(2_000)
    store = await reopen()
    for (const { token } of [revoked, expired])
      expect(await codeOf(store.register(aRegistration(clock, { token }), {}))).toBe('token.used')
    clock.advance(5_000)
    store = await reopen()
    for (const { token } of [revoked, expired]) await store.register(aRegistration(clock, { token }), {})
  })

  test('what was registered when its process is killed is there', async () => {
    const folder = await createTempFolder('tokens')
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const program = `
      const { createEmbeddedTokenStore } = await import('${new URL('../../../src/tokens/embedded/embedded-token-store.ts', import.meta.url).href}')
      const store = await createEmbeddedTokenStore({ folder: process.argv[1], clock: { now: () => Date.now() } })
      for (let count = 0; ; count++) {
        const token = crypto.randomUUID()
        await store.register({ token, owner: 'Alice', resource: 'file:/x/', context: { purpose: '' }, registeredAt: 0, expiresAt: 1e14 }, {})
        if (count % 3 === 0) await store.revoke(token, 'Alice')
        console.log(token + (count % 3 === 0 ? ' revoked' : ' registered'))
      }`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    for await (const chunk of child.stdout) {
      said += String(chunk)
      if (said.split('\n').length > 50) break
    }
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await using store = await createEmbeddedTokenStore({ folder: folder.path, clock: movableClock() })
    const lines = said
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ') as [Token, string])
    expect(lines.length).toBeGreaterThan(40)
    const unfinished = await unfinishedTokens(store)
    for (const [token, what] of lines)
      expect([token, unfinished.includes(token)]).toEqual([token, what === 'registered'])
  })
})

describe('a limit', () => {
  test('of requests refuses the next one, with a clear message, until one has expired', async () => {
    const clock = movableClock()
    await using store = await createEmbeddedTokenStore({ clock, registrationsMax: 2, sweepMs: 20 })
    await store.register(aRegistration(clock, { livesMs: 1_000 }), {})
    await store.register(aRegistration(clock), {})
    const refused = aRegistration(clock)
    await expect(store.register(refused, {})).rejects.toMatchObject({
      code: 'store.unavailable',
      message: 'The token store is full. Try again later.',
    })
    clock.advance(1_001)
    await until(
      async () => (await codeOf(store.register({ ...refused, expiresAt: clock.now() + 9_000 }, {}))) === 'none',
    )
  })

  test('of items refuses the next request, while those under way finish, until one is revoked', async () => {
    const clock = movableClock()
    await using store = await createEmbeddedTokenStore({ clock, itemsMax: 4 })
    const { token } = await registered(store, clock)
    await store.grant(token, [grantOf(0), grantOf(1)])
    await store.append(token, [leaf(0), leaf(1)])
    expect(await codeOf(store.register(aRegistration(clock), {}))).toBe('store.unavailable')
    await store.append(token, [leaf(2), end(3)])
    expect(await drain(open(store, token))).toHaveLength(4)
    await store.revoke(token, alice)
    await registered(store, clock)
  })

  test('of used tokens forgets the oldest, but none that is still known', async () => {
    const clock = movableClock()
    await using store = await createEmbeddedTokenStore({ clock, usedMax: 2, sweepMs: 20 })
    const known = await registered(store, clock)
    const [first, second, third] = [
      await revoked(store, clock),
      await revoked(store, clock),
      await revoked(store, clock),
    ]
    await until(async () => (await codeOf(store.register(aRegistration(clock, { token: first }), {}))) === 'none')
    await store.revoke(first, alice)
    expect(await codeOf(store.register(aRegistration(clock, { token: known.token }), {}))).toBe('token.used')
    expect(await codeOf(store.register(aRegistration(clock, { token: third }), {}))).toBe('token.used')
    expect(second).not.toBe(third)
  })
})

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
      const small = make(0)
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
  await reopen()
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

async function aFolder(limits: Partial<EmbeddedTokenStoreOptions> = {}) {
  const folder = await createTempFolder('tokens')
  const clock = movableClock()
  const said: string[] = []
  let store: TokenStore | undefined
  const close = async () => store?.[Symbol.asyncDispose]()
  onTestFinished(async () => {
    await close()
    await folder[Symbol.asyncDispose]()
  })
  return {
    clock,
    said,
    path: folder.path,
    close,
    async reopen(): Promise<TokenStore> {
      await close()
      store = await createEmbeddedTokenStore({
        ...limits,
        folder: folder.path,
        clock,
        log: { warn: (_, event) => void said.push(event) },
      })
      return store
    },
  }
}

async function registered(store: TokenStore, clock: ReturnType<typeof movableClock>) {
  const registration = aRegistration(clock, { token: randomUUID() as Token })
  await store.register(registration, {})
  return registration
}

async function revoked(store: TokenStore, clock: ReturnType<typeof movableClock>): Promise<Token> {
  const { token } = await registered(store, clock)
  await store.revoke(token, alice)
  return token
}

async function unfinishedTokens(store: TokenStore): Promise<Token[]> {
  const tokens: Token[] = []
  for await (const { registration } of store.unfinished()) tokens.push(registration.token)
  return tokens
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10)
}

/** With one bit changed. */
function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[Math.floor(at)]! ^= 1
  return changed
}
