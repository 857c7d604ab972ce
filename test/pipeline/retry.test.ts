import { expect, test } from 'vitest'
import { PortcullisError } from '../../src/domain/errors.ts'
import { withRetry } from '../../src/pipeline/retry.ts'

const signal = new AbortController().signal

test('what may pass is tried again until it works', async () => {
  const retried: number[] = []
  let tries = 0
  const attempt = async () => {
    if (++tries < 3) throw new PortcullisError('bus.unavailable')
    return 'done'
  }
  expect(await withRetry(attempt, { signal, budgetMs: 10_000, onRetry: (_, count) => void retried.push(count) })).toBe(
    'done',
  )
  expect(retried).toEqual([1, 2])
})

test('what cannot pass is thrown at once', async () => {
  let tries = 0
  const attempt = async () => {
    tries++
    throw new PortcullisError('user.unknown')
  }
  await expect(withRetry(attempt, { signal, budgetMs: 10_000 })).rejects.toMatchObject({ code: 'user.unknown' })
  expect(tries).toBe(1)
})

test('the budget ends it with the last error', async () => {
  const attempt = async () => {
    throw new PortcullisError('store.unavailable')
  }
  await expect(withRetry(attempt, { signal, budgetMs: 50 })).rejects.toMatchObject({ code: 'store.unavailable' })
})

test('the signal ends a wait that would have no end', async () => {
  const stopping = new AbortController()
  const attempt = async () => {
    throw new PortcullisError('store.unavailable')
  }
  const run = withRetry(attempt, {
    signal: stopping.signal,
    budgetMs: Number.POSITIVE_INFINITY,
    onRetry: () => stopping.abort(),
  })
  await expect(run).rejects.toThrow()
})
