/** Random operations on a token store and on its model. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Token, UserId } from '../../src/domain/ids.ts'
import type { TokenStore } from '../../src/tokens/token-store.ts'
import {
  alice,
  aRegistration,
  bob,
  codeOf,
  end,
  failed,
  grantOf,
  hidden,
  leaf,
  leafOf,
  type MovableClock,
  movableClock,
  shortOf,
} from '../tokens/support.ts'
import { createModel, lives, type Operation } from './token-model.ts'

/** Longest wait for items that must be there, in milliseconds. */
const readMsMax = 10_000

const token = fc.nat({ max: 2 })
const owner = fc.constantFrom(alice, alice, alice, bob)
const index = fc.nat({ max: 4 })
const entry = fc.oneof(
  { weight: 3, arbitrary: index.map((index) => leaf(index)) },
  index.map(failed),
  index.map(hidden),
  fc.nat({ max: 5 }).map(end),
)
const operation = (withRestart: boolean): fc.Arbitrary<Operation> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('register' as const), token, owner }) },
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('append' as const), token, entries: fc.array(entry, { maxLength: 5 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('grant' as const), token, indexes: fc.array(index, { maxLength: 3 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('findGrant' as const, 'setTotal' as const), token, index }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('read' as const), token, owner, position: fc.nat({ max: 4 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('revoke' as const, 'state' as const, 'state' as const),
        token,
        owner,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom(
          ...(['total', 'total', 'unfinished', 'expire'] as const),
          ...(withRestart ? (['restart'] as const) : []),
        ),
        token,
      }),
    },
  )

export type ModelOptions = {
  readonly create: (clock: MovableClock) => Promise<TokenStore>
  readonly runs: number
  /** Whether incomplete requests are told by `unfinished()`. */
  readonly tellsUnfinished: boolean
  /** The store opened again on what the last one left; absent: it is not tried. */
  readonly restart?: (clock: MovableClock) => Promise<TokenStore>
}

export function describeTokenStoreModel(name: string, options: ModelOptions): void {
  describe(name, () => {
    const clock = movableClock()
    let store: TokenStore
    beforeAll(async () => {
      store = await options.create(clock)
    })
    afterAll(async () => {
      await store[Symbol.asyncDispose]()
    })

    test('answers as the model does, whatever is asked of it', { timeout: 300_000 }, async () => {
      const operations = fc.array(operation(options.restart !== undefined), {
        minLength: 5,
        maxLength: 60,
        size: 'max',
      })
      await fc.assert(fc.asyncProperty(operations, runBoth), { numRuns: options.runs, endOnFailure: false })
    })

    async function runBoth(operations: readonly Operation[]): Promise<void> {
      const tokens = Array.from({ length: 3 }, () => randomUUID() as Token)
      const model = createModel(clock)
      for (const operation of operations) {
        const token = tokens[operation.token]!
        if (operation.do === 'restart') {
          await store[Symbol.asyncDispose]()
          store = await options.restart!(clock)
          model.restart()
        } else if (operation.do === 'expire') {
          clock.advance(lives + 1)
        } else {
          const expected = model.answer(operation, token, options.tellsUnfinished ? tokens : [])
          expect([operation.do, await answer(store, clock, operation, token, tokens, expected)]).toEqual([
            operation.do,
            expected,
          ])
        }
      }
      // what one case leaves must not be told in the next
      clock.advance(lives + 1)
    }
  })
}

async function answer(
  store: TokenStore,
  clock: MovableClock,
  operation: Operation,
  token: Token,
  tokens: readonly Token[],
  expected: unknown,
): Promise<unknown> {
  switch (operation.do) {
    case 'register':
      return codeOf(
        store.register(aRegistration(clock, { token, owner: operation.owner, livesMs: lives }), { x: token }),
      )
    case 'revoke':
      return codeOf(store.revoke(token, operation.owner))
    case 'append':
      return codeOf(store.append(token, operation.entries))
    case 'grant':
      return codeOf(
        store.grant(
          token,
          operation.indexes.map((index) => grantOf(index)),
        ),
      )
    case 'findGrant':
      return store.findGrant(token, leafOf(operation.index).id).then(
        (grant) => grant.index,
        (thrown) => thrown.code,
      )
    case 'setTotal':
      return codeOf(store.setTotal(token, operation.index))
    case 'total':
      return store.total(token)
    case 'state':
      return store.state(token, operation.owner).then(
        ({ complete, items }) => ({ complete, items }),
        (thrown) => thrown.code,
      )
    case 'unfinished': {
      const told: string[] = []
      for await (const { registration, extras } of store.unfinished())
        if (extras.x === registration.token && tokens.includes(registration.token)) told.push(registration.token)
      return told.sort()
    }
    case 'read':
      return read(
        store,
        token,
        operation.owner,
        operation.position,
        Array.isArray(expected) ? expected.length : 0,
        Array.isArray(expected) && expected.at(-1) === 'waits',
      )
    default:
      throw new Error(`no answer to ${operation.do}`)
  }
}

/** Reads what must be there, and where the reader should wait then, that it does. */
async function read(
  store: TokenStore,
  token: Token,
  owner: UserId,
  position: number,
  length: number,
  waits: boolean,
): Promise<unknown> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), readMsMax)
  const items: string[] = []
  try {
    if (waits && length === 1) abort.abort()
    for await (const item of store.ledger(token, owner, { position, signal: abort.signal })) {
      items.push(shortOf(item))
      if (waits && items.length === length - 1) abort.abort()
    }
    return waits ? [...items, 'waits'] : items
  } catch (thrown) {
    return (thrown as { code?: unknown }).code
  } finally {
    clearTimeout(timer)
  }
}
