import { expect, test } from 'vitest'
import { traceOf } from '../../../src/audit/query/trace.ts'
import { hashToken } from '../../../src/domain/token-hash.ts'
import { event, hash, logOf } from './written-log.ts'

const kinds = async (events: Parameters<typeof logOf>[0], name: string, period = {}) =>
  (await traceOf(logOf(events), name, period)).events.map(({ kind }) => kind)

test('events come in order of time, whatever their order in the log', async () => {
  const about = { tokenHash: hash('abcdef') }
  const events = [
    event('token.revoked', 3, about),
    event('leaf.withheld', 1, about),
    event('request.registered', 1, about),
    event('leaf.delivered', 2, { tokenHash: hash('123456') }),
  ]
  expect(await kinds(events, 'abcdef')).toEqual(['request.registered', 'leaf.withheld', 'token.revoked'])
  expect(await kinds(events, 'abcdef', { since: '2026-11-25T00:00:02.000Z' })).toEqual(['token.revoked'])
  expect(await kinds(events, 'fedcba')).toEqual([])
})

test('a token names its request by its hash, and a read its own events', async () => {
  const token = '0c5e1a8e-6f0d-4f6c-9d0e-4b8e0f1c2d3a'
  const readId = '1d6f2b9f-7a1e-4a7d-8e1f-5c9f1a2d3e4b'
  const events = [
    event('request.registered', 1, { tokenHash: hashToken(token) }),
    event('read.started', 2, { tokenHash: hashToken(token), readId }),
  ]
  expect(await kinds(events, token)).toEqual(['request.registered', 'read.started'])
  expect(await kinds(events, readId)).toEqual(['read.started'])
})

test('the beginning of several hashes is refused with their names, and what names nothing without being repeated', async () => {
  const events = [
    event('request.registered', 1, { tokenHash: hash('abcdef1') }),
    event('request.registered', 2, { tokenHash: hash('abcdef2') }),
  ]
  await expect(kinds(events, 'abcdef')).rejects.toThrow(`${hash('abcdef1')}, ${hash('abcdef2')}. Give more digits.`)
  await expect(kinds(events, 'secret')).rejects.toThrow(/^(?!.*secret).*named by the hash/)
  await expect(kinds(events, 'abcde')).rejects.toThrow('6 to 32 digits')
})
