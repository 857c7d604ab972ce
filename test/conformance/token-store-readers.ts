/** How readers of a token’s ledger wait, resume, and are ended. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { alice, codeOf, drain, end, hidden, leaf, nextShort, open, type TokenStoreSuite } from '../tokens/support.ts'

/** Long enough for a tick of any adapter, in milliseconds: used only to show that nothing happens. */
const quietMs = 150
/** What is told within a second on a quiet machine, in milliseconds; shorter than any adapter's own second look. */
const promptMsMax = 5_000

export function describeLedgerReaders(suite: TokenStoreSuite): void {
  describe('a reader', () => {
    test('waits for more until the ledger is complete', async () => {
      const token = await suite.registered()
      const reader = open(suite.store, token)
      const first = nextShort(reader)
      await sleep(quietMs)
      await suite.store.append(token, [hidden(0), leaf(1)])
      expect(await first).toBe('0:leaf 1')
      const second = nextShort(reader)
      await suite.store.append(token, [leaf(2)])
      expect(await second).toBe('1:leaf 2')
      const last = drain(reader)
      await sleep(quietMs)
      const endedAt = performance.now()
      await suite.store.append(token, [end(3)])
      expect(await last).toEqual(['2:complete'])
      expect(performance.now() - endedAt).toBeLessThan(promptMsMax)
    })

    test('is not shown what is hidden', async () => {
      const token = await suite.registered()
      let seen = false
      const next = nextShort(open(suite.store, token)).then((item) => {
        seen = true
        return item
      })
      await suite.store.append(token, [hidden(0), hidden(1)])
      await sleep(quietMs)
      expect(seen).toBe(false)
      await suite.store.append(token, [end(2)])
      expect(await next).toBe('0:complete')
    })

    test('has the whole ledger beside others, each from its own position', async () => {
      const token = await suite.registered()
      const readers = Array.from({ length: 10 }, (_, position) =>
        drain(open(suite.store, token, { position: position % 3 })),
      )
      for (let index = 0; index < 5; index++) await suite.store.append(token, [leaf(index)])
      await suite.store.append(token, [end(5)])
      const all = ['0:leaf 0', '1:leaf 1', '2:leaf 2', '3:leaf 3', '4:leaf 4', '5:complete']
      for (const [position, items] of (await Promise.all(readers)).entries())
        expect(items).toEqual(all.slice(position % 3))
    })

    test('that is slow misses nothing, and holds up no other', async () => {
      const token = await suite.registered()
      const slow = open(suite.store, token)
      expect(await Promise.all([nextShort(slow), suite.store.append(token, [leaf(0)])])).toEqual([
        '0:leaf 0',
        undefined,
      ])
      await suite.store.append(token, [...Array.from({ length: 300 }, (_, index) => leaf(index + 1)), end(301)])
      expect(await drain(open(suite.store, token))).toHaveLength(302)
      expect(await drain(slow)).toEqual([
        ...Array.from({ length: 300 }, (_, index) => `${index + 1}:leaf ${index + 1}`),
        '301:complete',
      ])
    })

    test('that goes away leaves the others reading', async () => {
      const token = await suite.registered()
      const [leaving, staying] = [open(suite.store, token), open(suite.store, token)]
      await suite.store.append(token, [leaf(0)])
      expect([await nextShort(leaving), await nextShort(staying)]).toEqual(['0:leaf 0', '0:leaf 0'])
      const rest = drain(staying)
      await leaving.return?.()
      await suite.store.append(token, [leaf(1), end(2)])
      expect(await rest).toEqual(['1:leaf 1', '2:complete'])
    })

    test('that waits is told at once that its token was revoked', async () => {
      const token = await suite.registered()
      const reader = open(suite.store, token)
      await suite.store.append(token, [leaf(0)])
      expect(await nextShort(reader)).toBe('0:leaf 0')
      const code = codeOf(drain(reader))
      await sleep(quietMs)
      const revokedAt = performance.now()
      await suite.store.revoke(token, alice)
      expect(await code).toBe('token.unknown')
      expect(performance.now() - revokedAt).toBeLessThan(promptMsMax)
    })

    test('that is in the midst of items gets no more of them soon after its token was revoked', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [...Array.from({ length: 50 }, (_, index) => leaf(index)), end(50)])
      const reader = open(suite.store, token)
      expect(await nextShort(reader)).toBe('0:leaf 0')
      await suite.store.revoke(token, alice)
      await sleep(1_000)
      expect(await codeOf(reader.next())).toBe('token.unknown')
    })

    test('that waits is told that its token has expired', async () => {
      const token = await suite.registered({ livesMs: 400 })
      const reader = open(suite.store, token)
      await suite.store.append(token, [leaf(0)])
      expect(await nextShort(reader)).toBe('0:leaf 0')
      expect(await codeOf(drain(reader))).toBe('token.unknown')
    })

    test('that is in the midst of items gets none after its token has expired', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0), leaf(1), end(2)])
      const reader = open(suite.store, token)
      expect(await nextShort(reader)).toBe('0:leaf 0')
      suite.clock.advance(60_001)
      expect(await codeOf(reader.next())).toBe('token.unknown')
    })

    test('that is aborted while it waits ends quietly', async () => {
      const abort = new AbortController()
      const token = await suite.registered()
      const items = drain(open(suite.store, token, { signal: abort.signal }))
      await suite.store.append(token, [leaf(0)])
      await sleep(quietMs)
      abort.abort(new Error('not to be seen'))
      expect(await items).toEqual(['0:leaf 0'])
    })

    test('that is aborted between items, or from the start, ends quietly', async () => {
      const abort = new AbortController()
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0), leaf(1), end(2)])
      const reader = open(suite.store, token, { signal: abort.signal })
      expect(await nextShort(reader)).toBe('0:leaf 0')
      abort.abort()
      expect(await drain(reader)).toEqual([])
      expect(await drain(open(suite.store, token, { signal: abort.signal }))).toEqual([])
    })
  })
}
