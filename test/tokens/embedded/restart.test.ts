/** The embedded token store over restarts, and within its limits. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Token } from '../../../src/domain/ids.ts'
import type { Extras, Registration } from '../../../src/domain/records.ts'
import { createEmbeddedTokenStore } from '../../../src/tokens/embedded/embedded-token-store.ts'
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
import { aFolder, registered, revoked, unfinishedTokens, until } from './support.ts'

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
