/** What every token store does, sentence by sentence of its port. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ResourceId, Token } from '../../src/domain/ids.ts'
import type { TokenStore } from '../../src/tokens/token-store.ts'
import {
  alice,
  aRegistration,
  bob,
  codeOf,
  drain,
  end,
  failed,
  grantOf,
  hidden,
  leaf,
  leafOf,
  type MovableClock,
  movableClock,
  open,
  type RegistrationOptions,
  shortOf,
  type TokenStoreSuite,
} from '../tokens/support.ts'
import { describeLedger } from './token-store-ledger.ts'
import { describeLedgerReaders } from './token-store-readers.ts'

/** Long enough for a tick of any adapter, in milliseconds: used only to show that nothing happens. */
const quietMs = 150
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

    async function registered(options: RegistrationOptions = {}): Promise<Token> {
      const registration = aRegistration(clock, options)
      await store.register(registration, {})
      return registration.token
    }
    const suite: TokenStoreSuite = {
      get store() {
        return store
      },
      get clock() {
        return clock
      },
      registered,
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

    describeLedger(suite)

    describeLedgerReaders(suite)

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
