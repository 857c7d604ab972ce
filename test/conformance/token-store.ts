/** What every token store does, sentence by sentence of its port. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ResourceId, Token } from '../../src/domain/ids.ts'
import type { LedgerItem, TokenStore } from '../../src/tokens/token-store.ts'
import {
  alice,
  aRegistration,
  bob,
  codeOf,
  drain,
  end,
  failed,
  failure,
  grantOf,
  hidden,
  leaf,
  leafOf,
  type MovableClock,
  movableClock,
  nextShort,
  open,
  shortOf,
} from '../tokens/support.ts'

/** Long enough for a tick of any adapter, in milliseconds: used only to show that nothing happens. */
const quietMs = 150
/** A second is allowed; the rest is for a noisy machine. */
const revocationMsMax = 5_000

export function describeTokenStore(name: string, create: (clock: MovableClock) => Promise<TokenStore>): void {
  describe(name, () => {
    let store: TokenStore
    let clock: MovableClock

    beforeAll(async () => {
      clock = movableClock()
      store = await create(clock)
    })
    afterAll(async () => {
      await store[Symbol.asyncDispose]()
    })

    async function registered(options: Parameters<typeof aRegistration>[1] = {}): Promise<Token> {
      const registration = aRegistration(clock, options)
      await store.register(registration, {})
      return registration.token
    }

    describe('registration', () => {
      test('is found as it was registered', async () => {
        const registration = aRegistration(clock)
        await store.register(registration, { traceparent: '00-1' })
        expect(await store.find(registration.token, alice)).toEqual(registration)
        expect(await store.findForPipeline(registration.token)).toEqual(registration)
      })

      test('keeps an empty context, and names that mean something to JavaScript', async () => {
        const registration = {
          ...aRegistration(clock),
          context: JSON.parse('{"purpose":"","__proto__":"x","constructor":"y"}') as Record<string, string>,
        }
        await store.register(registration, {})
        expect(JSON.stringify((await store.find(registration.token, alice)).context)).toBe(
          JSON.stringify(registration.context),
        )
      })

      test('of a token that is registered is refused', async () => {
        const token = await registered()
        expect(await codeOf(store.register(aRegistration(clock, { token, owner: bob }), {}))).toBe('token.used')
        expect((await store.find(token, alice)).owner).toBe(alice)
      })

      test('of a token that has expired is refused while that is remembered', async () => {
        const token = await registered({ livesMs: 1_000 })
        clock.advance(1_001)
        expect(await codeOf(store.register(aRegistration(clock, { token }), {}))).toBe('token.used')
      })

      test('of a token that was revoked is refused', async () => {
        const token = await registered()
        await store.revoke(token, alice)
        expect(await codeOf(store.register(aRegistration(clock, { token }), {}))).toBe('token.used')
      })

      test('of one token many times at once succeeds exactly once', async () => {
        const token = randomUUID() as Token
        const codes = await Promise.all(
          Array.from({ length: 20 }, () => codeOf(store.register(aRegistration(clock, { token }), {}))),
        )
        expect(codes.filter((code) => code === 'none')).toHaveLength(1)
        expect(codes.filter((code) => code === 'token.used')).toHaveLength(19)
      })
    })

    const unknown: Readonly<Record<string, () => Promise<Token>>> = {
      'never registered': async () => randomUUID() as Token,
      expired: async () => {
        const token = await registered({ livesMs: 1_000 })
        await store.grant(token, [grantOf(0)])
        await store.append(token, [leaf(0)])
        await store.setTotal(token, 1)
        clock.advance(1_001)
        return token
      },
      revoked: async () => {
        const token = await registered()
        await store.grant(token, [grantOf(0)])
        await store.append(token, [leaf(0)])
        await store.setTotal(token, 1)
        await store.revoke(token, alice)
        return token
      },
    }

    describe.each(Object.keys(unknown))('a token that was %s', (kind) => {
      test('is unknown everywhere', async () => {
        const token = await unknown[kind]!()
        expect(await codeOf(store.find(token, alice))).toBe('token.unknown')
        expect(await codeOf(store.findForPipeline(token))).toBe('token.unknown')
        expect(await codeOf(store.revoke(token, alice))).toBe('token.unknown')
        expect(await codeOf(store.state(token, alice))).toBe('token.unknown')
        expect(await codeOf(drain(open(store, token)))).toBe('token.unknown')
        expect(await codeOf(store.findGrant(token, leafOf(0).id))).toBe('grant.unknown')
        expect(await store.total(token)).toBeUndefined()
      })

      test('takes nothing that comes late', async () => {
        const token = await unknown[kind]!()
        await store.grant(token, [grantOf(1)])
        await store.append(token, [leaf(1), end(2)])
        await store.setTotal(token, 2)
        expect(await codeOf(store.findGrant(token, leafOf(1).id))).toBe('grant.unknown')
        expect(await codeOf(store.state(token, alice))).toBe('token.unknown')
        expect(await store.total(token)).toBeUndefined()
      })
    })

    test('another owner’s token is unknown, and stays as it is', async () => {
      const token = await registered()
      await store.append(token, [leaf(0), end(1)])
      expect(await codeOf(store.find(token, bob))).toBe('token.unknown')
      expect(await codeOf(store.revoke(token, bob))).toBe('token.unknown')
      expect(await codeOf(store.state(token, bob))).toBe('token.unknown')
      expect(await codeOf(drain(open(store, token, { owner: bob })))).toBe('token.unknown')
      expect(await drain(open(store, token))).toEqual(['0:leaf 0', '1:complete'])
    })

    test('a late entry for a token that was never registered does not become part of a later registration', async () => {
      const token = randomUUID() as Token
      await store.append(token, [leaf(0), end(1)])
      await store.grant(token, [grantOf(0)])
      await store.setTotal(token, 1)
      await registered({ token })
      expect(await store.state(token, alice)).toMatchObject({ complete: false, items: 0 })
      expect(await codeOf(store.findGrant(token, leafOf(0).id))).toBe('grant.unknown')
      expect(await store.total(token)).toBeUndefined()
    })

    describe('a grant', () => {
      test('is found by its leaf, as it was given', async () => {
        const token = await registered()
        await store.grant(token, [grantOf(0), grantOf(1)])
        expect(await store.findGrant(token, leafOf(1).id)).toEqual(grantOf(1))
      })

      test('for a leaf that has none is unknown', async () => {
        const token = await registered()
        await store.grant(token, [grantOf(0)])
        expect(await codeOf(store.findGrant(token, leafOf(1).id))).toBe('grant.unknown')
        expect(await codeOf(store.findGrant(token, '__proto__' as ResourceId))).toBe('grant.unknown')
      })

      test('given again changes nothing', async () => {
        const token = await registered()
        await store.grant(token, [grantOf(0)])
        await store.grant(token, [{ ...grantOf(0), grantedAt: 9 }, grantOf(1)])
        expect(await store.findGrant(token, leafOf(0).id)).toEqual(grantOf(0))
        expect(await store.findGrant(token, leafOf(1).id)).toEqual(grantOf(1))
      })

      test('of one token is no grant of another', async () => {
        const [first, second] = [await registered(), await registered()]
        await store.grant(first, [grantOf(0)])
        expect(await codeOf(store.findGrant(second, leafOf(0).id))).toBe('grant.unknown')
      })

      test('none given is no fault, a thousand at once neither', async () => {
        const token = await registered()
        await store.grant(token, [])
        await store.grant(
          token,
          Array.from({ length: 1_001 }, (_, index) => grantOf(index)),
        )
        expect(await store.findGrant(token, leafOf(1_000).id)).toEqual(grantOf(1_000))
      })
    })

    test('the total is unknown until it is set, and setting it again is no fault', async () => {
      const token = await registered()
      expect(await store.total(token)).toBeUndefined()
      await store.setTotal(token, 0)
      expect(await store.total(token)).toBe(0)
      await store.setTotal(token, 3)
      await store.setTotal(token, 3)
      expect(await store.total(token)).toBe(3)
    })

    test('the total that the resource step found does not complete the ledger: END does', async () => {
      const token = await registered()
      await store.append(token, [leaf(0)])
      await store.setTotal(token, 1)
      expect((await store.state(token, alice)).complete).toBe(false)
      await store.append(token, [end(1)])
      expect((await store.state(token, alice)).complete).toBe(true)
    })

    describe('the ledger', () => {
      test('gives leaves and errors whole', async () => {
        const token = await registered()
        await store.append(token, [leaf(0), failed(1), end(2)])
        const items: LedgerItem[] = []
        for await (const item of store.ledger(token, alice, { position: 0, signal: new AbortController().signal }))
          items.push(item)
        expect(items).toEqual([
          { kind: 'leaf', position: 0, leaf: leafOf(0), index: 0 },
          { kind: 'error', position: 1, failure: failure(1) },
          { kind: 'complete', position: 2 },
        ])
      })

      test('numbers what is visible without gaps', async () => {
        const token = await registered()
        await store.append(token, [hidden(0), leaf(1), hidden(2), hidden(3)])
        await store.append(token, [failed(4), hidden(5), leaf(6), end(7)])
        expect(await drain(open(store, token))).toEqual(['0:leaf 1', '1:error', '2:leaf 6', '3:complete'])
      })

      test('keeps the order of first arrival', async () => {
        const token = await registered()
        await store.append(token, [leaf(3), leaf(1)])
        await store.append(token, [leaf(0), leaf(2), end(4)])
        expect(await drain(open(store, token))).toEqual(['0:leaf 3', '1:leaf 1', '2:leaf 0', '3:leaf 2', '4:complete'])
      })

      test('takes an index once, whatever comes for it later', async () => {
        const token = await registered()
        await store.append(token, [leaf(0), leaf(0), hidden(1)])
        await store.append(token, [failed(0), leaf(1), leaf(2), leaf(4)])
        await store.append(token, [leaf(4, 'other'), leaf(3), leaf(2), end(5)])
        expect(await drain(open(store, token))).toEqual(['0:leaf 0', '1:leaf 2', '2:leaf 4', '3:leaf 3', '4:complete'])
        await store.append(token, [leaf(0), leaf(4), end(5)])
        expect(await store.state(token, alice)).toMatchObject({ complete: true, items: 4 })
      })

      test('takes one index once from many writers at once', async () => {
        const token = await registered()
        await Promise.all(Array.from({ length: 20 }, () => store.append(token, [leaf(0), leaf(1), hidden(2), end(3)])))
        expect(await drain(open(store, token))).toEqual(['0:leaf 0', '1:leaf 1', '2:complete'])
      })

      test('is complete exactly when END and all its indexes are in, whatever their order', async () => {
        const entries = [end(3), leaf(0), hidden(1), leaf(2)]
        for (const order of permutations(entries)) {
          const token = await registered()
          const complete: boolean[] = []
          for (const entry of order) {
            await store.append(token, [entry])
            complete.push((await store.state(token, alice)).complete)
          }
          expect(complete).toEqual([false, false, false, true])
        }
      })

      test('of an empty request is complete with END alone', async () => {
        const token = await registered()
        await store.append(token, [])
        expect((await store.state(token, alice)).complete).toBe(false)
        await store.append(token, [end(0)])
        expect(await drain(open(store, token))).toEqual(['0:complete'])
      })

      test('of a request in which all is hidden equals that of an empty one', async () => {
        const token = await registered()
        await store.append(token, [hidden(0), hidden(1), end(2)])
        expect(await drain(open(store, token))).toEqual(['0:complete'])
        expect(await store.state(token, alice)).toMatchObject({ complete: true, items: 0 })
      })

      test('takes nothing after it is complete', async () => {
        const token = await registered()
        await store.append(token, [leaf(0), end(1), leaf(1)])
        await store.append(token, [leaf(2), end(3)])
        expect(await drain(open(store, token))).toEqual(['0:leaf 0', '1:complete'])
      })

      test('follows the latest END while it is not complete', async () => {
        const token = await registered()
        await store.append(token, [leaf(0), end(3)])
        await store.append(token, [end(1)])
        expect(await drain(open(store, token))).toEqual(['0:leaf 0', '1:complete'])
      })

      test('resumes at a position', async () => {
        const token = await registered()
        await store.append(token, [leaf(0), hidden(1), leaf(2), leaf(3), end(4)])
        expect(await drain(open(store, token, { position: 1 }))).toEqual(['1:leaf 2', '2:leaf 3', '3:complete'])
        expect(await drain(open(store, token, { position: 3 }))).toEqual(['3:complete'])
        expect(await drain(open(store, token, { position: 4 }))).toEqual([])
      })

      test('waits at a position that is not there yet', async () => {
        const token = await registered()
        await store.append(token, [leaf(0)])
        const next = nextShort(open(store, token, { position: 2 }))
        await store.append(token, [leaf(1)])
        await store.append(token, [leaf(2)])
        expect(await next).toBe('2:leaf 2')
      })

      test.each([-1, 0.5, Number.NaN])('refuses the position %s', async (position) => {
        expect(await codeOf(drain(open(store, await registered(), { position })))).toBe('request.invalid')
      })

      test('of a thousand leaves is whole', async () => {
        const token = await registered()
        const count = 1_234
        const items = drain(open(store, token))
        for (let from = 0; from < count; from += 617)
          await store.append(
            token,
            Array.from({ length: 617 }, (_, offset) => leaf(from + offset)),
          )
        await store.append(token, [end(count)])
        expect(await items).toEqual([
          ...Array.from({ length: count }, (_, index) => `${index}:leaf ${index}`),
          `${count}:complete`,
        ])
      })
    })

    describe('a reader', () => {
      test('waits for more until the ledger is complete', async () => {
        const token = await registered()
        const reader = open(store, token)
        const first = nextShort(reader)
        await sleep(quietMs)
        await store.append(token, [hidden(0), leaf(1)])
        expect(await first).toBe('0:leaf 1')
        const second = nextShort(reader)
        await store.append(token, [leaf(2)])
        expect(await second).toBe('1:leaf 2')
        const last = drain(reader)
        await store.append(token, [end(3)])
        expect(await last).toEqual(['2:complete'])
      })

      test('is not shown what is hidden', async () => {
        const token = await registered()
        let seen = false
        const next = nextShort(open(store, token)).then((item) => {
          seen = true
          return item
        })
        await store.append(token, [hidden(0), hidden(1)])
        await sleep(quietMs)
        expect(seen).toBe(false)
        await store.append(token, [end(2)])
        expect(await next).toBe('0:complete')
      })

      test('has the whole ledger beside others, each from its own position', async () => {
        const token = await registered()
        const readers = Array.from({ length: 10 }, (_, position) =>
          drain(open(store, token, { position: position % 3 })),
        )
        for (let index = 0; index < 5; index++) await store.append(token, [leaf(index)])
        await store.append(token, [end(5)])
        const all = ['0:leaf 0', '1:leaf 1', '2:leaf 2', '3:leaf 3', '4:leaf 4', '5:complete']
        for (const [position, items] of (await Promise.all(readers)).entries())
          expect(items).toEqual(all.slice(position % 3))
      })

      test('that is slow misses nothing, and holds up no other', async () => {
        const token = await registered()
        const slow = open(store, token)
        expect(await Promise.all([nextShort(slow), store.append(token, [leaf(0)])])).toEqual(['0:leaf 0', undefined])
        await store.append(token, [...Array.from({ length: 300 }, (_, index) => leaf(index + 1)), end(301)])
        expect(await drain(open(store, token))).toHaveLength(302)
        expect(await drain(slow)).toEqual([
          ...Array.from({ length: 300 }, (_, index) => `${index + 1}:leaf ${index + 1}`),
          '301:complete',
        ])
      })

      test('that goes away leaves the others reading', async () => {
        const token = await registered()
        const [leaving, staying] = [open(store, token), open(store, token)]
        await store.append(token, [leaf(0)])
        expect([await nextShort(leaving), await nextShort(staying)]).toEqual(['0:leaf 0', '0:leaf 0'])
        const rest = drain(staying)
        await leaving.return?.()
        await store.append(token, [leaf(1), end(2)])
        expect(await rest).toEqual(['1:leaf 1', '2:complete'])
      })

      test('that waits is told at once that its token was revoked', async () => {
        const token = await registered()
        const reader = open(store, token)
        await store.append(token, [leaf(0)])
        expect(await nextShort(reader)).toBe('0:leaf 0')
        const code = codeOf(drain(reader))
        await sleep(quietMs)
        const revokedAt = performance.now()
        await store.revoke(token, alice)
        expect(await code).toBe('token.unknown')
        expect(performance.now() - revokedAt).toBeLessThan(revocationMsMax)
      })

      test('that is in the midst of items gets no more of them soon after its token was revoked', async () => {
        const token = await registered()
        await store.append(token, [...Array.from({ length: 50 }, (_, index) => leaf(index)), end(50)])
        const reader = open(store, token)
        expect(await nextShort(reader)).toBe('0:leaf 0')
        await store.revoke(token, alice)
        await sleep(1_000)
        expect(await codeOf(reader.next())).toBe('token.unknown')
      })

      test('that waits is told that its token has expired', async () => {
        const token = await registered({ livesMs: 400 })
        const reader = open(store, token)
        await store.append(token, [leaf(0)])
        expect(await nextShort(reader)).toBe('0:leaf 0')
        expect(await codeOf(drain(reader))).toBe('token.unknown')
      })

      test('that is in the midst of items gets none after its token has expired', async () => {
        const token = await registered()
        await store.append(token, [leaf(0), leaf(1), end(2)])
        const reader = open(store, token)
        expect(await nextShort(reader)).toBe('0:leaf 0')
        clock.advance(60_001)
        expect(await codeOf(reader.next())).toBe('token.unknown')
      })

      test('that is aborted while it waits ends quietly', async () => {
        const abort = new AbortController()
        const token = await registered()
        const items = drain(open(store, token, { signal: abort.signal }))
        await store.append(token, [leaf(0)])
        await sleep(quietMs)
        abort.abort(new Error('not to be seen'))
        expect(await items).toEqual(['0:leaf 0'])
      })

      test('that is aborted between items, or from the start, ends quietly', async () => {
        const abort = new AbortController()
        const token = await registered()
        await store.append(token, [leaf(0), leaf(1), end(2)])
        const reader = open(store, token, { signal: abort.signal })
        expect(await nextShort(reader)).toBe('0:leaf 0')
        abort.abort()
        expect(await drain(reader)).toEqual([])
        expect(await drain(open(store, token, { signal: abort.signal }))).toEqual([])
      })
    })

    test('the state counts visible items, and says when all is in', async () => {
      const registration = aRegistration(clock)
      const { token } = registration
      await store.register(registration, {})
      expect(await store.state(token, alice)).toEqual({ registration, complete: false, items: 0 })
      await store.append(token, [leaf(0), hidden(1), failed(2)])
      expect(await store.state(token, alice)).toEqual({ registration, complete: false, items: 2 })
      await store.append(token, [end(3)])
      expect(await store.state(token, alice)).toEqual({ registration, complete: true, items: 2 })
    })

    test('many tokens at once do not touch one another', async () => {
      const tokens = await Promise.all(Array.from({ length: 50 }, () => registered()))
      const ledgers = await Promise.all(
        tokens.map(async (token, number) => {
          const items: string[] = []
          const reading = (async () => {
            for await (const item of store.ledger(token, alice, { position: 0, signal: new AbortController().signal }))
              items.push(item.kind === 'leaf' ? item.leaf.id : shortOf(item))
          })()
          for (let index = 0; index < 4; index++) await store.append(token, [leaf(index, `${number}-${index}`)])
          await store.append(token, [end(4)])
          await reading
          return items
        }),
      )
      for (const [number, items] of ledgers.entries())
        expect(items).toEqual(
          [0, 1, 2, 3].map((index) => `file:/data/hr/${number}-${index}.avro` as string).concat('4:complete'),
        )
    })

    test('a store that can be reached says so', async () => {
      await store.check()
    })

    test('a store that is closed is unavailable, and its readers are told', async () => {
      const other = await create(clock)
      const registration = aRegistration(clock)
      const { token } = registration
      await other.register(registration, {})
      const reading = codeOf(drain(open(other, token)))
      await sleep(quietMs)
      await other[Symbol.asyncDispose]()
      expect(await reading).toBe('store.unavailable')
      expect(await codeOf(other.find(token, alice))).toBe('store.unavailable')
      expect(await codeOf(other.register(aRegistration(clock), {}))).toBe('store.unavailable')
      expect(await codeOf(other.append(token, [leaf(0)]))).toBe('store.unavailable')
      expect(await codeOf(other.check())).toBe('store.unavailable')
      await other[Symbol.asyncDispose]()
    })
  })
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}
