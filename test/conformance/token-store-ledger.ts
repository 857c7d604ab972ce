/** What a token’s ledger holds, and in which order. */
import { describe, expect, test } from 'vitest'
import type { LedgerItem } from '../../src/tokens/token-store.ts'
import {
  alice,
  codeOf,
  drain,
  end,
  failed,
  failure,
  hidden,
  leaf,
  leafOf,
  nextShort,
  open,
  type TokenStoreSuite,
} from '../tokens/support.ts'

export function describeLedger(suite: TokenStoreSuite): void {
  describe('the ledger', () => {
    test('gives leaves and errors whole', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0), failed(1), end(2)])
      const items: LedgerItem[] = []
      for await (const item of suite.store.ledger(token, alice, { position: 0, signal: new AbortController().signal }))
        items.push(item)
      expect(items).toEqual([
        { kind: 'leaf', position: 0, leaf: leafOf(0), index: 0 },
        { kind: 'error', position: 1, failure: failure(1) },
        { kind: 'complete', position: 2 },
      ])
    })

    test('numbers what is visible without gaps', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [hidden(0), leaf(1), hidden(2), hidden(3)])
      await suite.store.append(token, [failed(4), hidden(5), leaf(6), end(7)])
      expect(await drain(open(suite.store, token))).toEqual(['0:leaf 1', '1:error', '2:leaf 6', '3:complete'])
    })

    test('keeps the order of first arrival', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(3), leaf(1)])
      await suite.store.append(token, [leaf(0), leaf(2), end(4)])
      expect(await drain(open(suite.store, token))).toEqual([
        '0:leaf 3',
        '1:leaf 1',
        '2:leaf 0',
        '3:leaf 2',
        '4:complete',
      ])
    })

    test('takes an index once, whatever comes for it later', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0), leaf(0), hidden(1)])
      await suite.store.append(token, [failed(0), leaf(1), leaf(2), leaf(4)])
      await suite.store.append(token, [leaf(4, 'other'), leaf(3), leaf(2), end(5)])
      expect(await drain(open(suite.store, token))).toEqual([
        '0:leaf 0',
        '1:leaf 2',
        '2:leaf 4',
        '3:leaf 3',
        '4:complete',
      ])
      await suite.store.append(token, [leaf(0), leaf(4), end(5)])
      expect(await suite.store.state(token, alice)).toMatchObject({ complete: true, items: 4 })
    })

    test('takes one index once from many writers at once', async () => {
      const token = await suite.registered()
      await Promise.all(
        Array.from({ length: 20 }, () => suite.store.append(token, [leaf(0), leaf(1), hidden(2), end(3)])),
      )
      expect(await drain(open(suite.store, token))).toEqual(['0:leaf 0', '1:leaf 1', '2:complete'])
    })

    test('is complete exactly when END and all its indexes are in, whatever their order', async () => {
      const entries = [end(3), leaf(0), hidden(1), leaf(2)]
      for (const order of permutations(entries)) {
        const token = await suite.registered()
        const complete: boolean[] = []
        for (const entry of order) {
          await suite.store.append(token, [entry])
          complete.push((await suite.store.state(token, alice)).complete)
        }
        expect(complete).toEqual([false, false, false, true])
      }
    })

    test('of an empty request is complete with END alone', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [])
      expect((await suite.store.state(token, alice)).complete).toBe(false)
      await suite.store.append(token, [end(0)])
      expect(await drain(open(suite.store, token))).toEqual(['0:complete'])
    })

    test('of a request in which all is hidden equals that of an empty one', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [hidden(0), hidden(1), end(2)])
      expect(await drain(open(suite.store, token))).toEqual(['0:complete'])
      expect(await suite.store.state(token, alice)).toMatchObject({ complete: true, items: 0 })
    })

    test('takes nothing after it is complete', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0), end(1), leaf(1)])
      await suite.store.append(token, [leaf(2), end(3)])
      expect(await drain(open(suite.store, token))).toEqual(['0:leaf 0', '1:complete'])
    })

    test('follows the latest END while it is not complete', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0), end(3)])
      await suite.store.append(token, [end(1)])
      expect(await drain(open(suite.store, token))).toEqual(['0:leaf 0', '1:complete'])
    })

    test('resumes at a position', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0), hidden(1), leaf(2), leaf(3), end(4)])
      expect(await drain(open(suite.store, token, { position: 1 }))).toEqual(['1:leaf 2', '2:leaf 3', '3:complete'])
      expect(await drain(open(suite.store, token, { position: 3 }))).toEqual(['3:complete'])
      expect(await drain(open(suite.store, token, { position: 4 }))).toEqual([])
    })

    test('waits at a position that is not there yet', async () => {
      const token = await suite.registered()
      await suite.store.append(token, [leaf(0)])
      const next = nextShort(open(suite.store, token, { position: 2 }))
      await suite.store.append(token, [leaf(1)])
      await suite.store.append(token, [leaf(2)])
      expect(await next).toBe('2:leaf 2')
    })

    test.each([-1, 0.5, Number.NaN])('refuses the position %s', async (position) => {
      expect(await codeOf(drain(open(suite.store, await suite.registered(), { position })))).toBe('request.invalid')
    })

    test('of a thousand leaves is whole', async () => {
      const token = await suite.registered()
      const count = 1_234
      const items = drain(open(suite.store, token))
      for (let from = 0; from < count; from += 617)
        await suite.store.append(
          token,
          Array.from({ length: 617 }, (_, offset) => leaf(from + offset)),
        )
      await suite.store.append(token, [end(count)])
      expect(await items).toEqual([
        ...Array.from({ length: count }, (_, index) => `${index}:leaf ${index}`),
        `${count}:complete`,
      ])
    })
  })
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}
