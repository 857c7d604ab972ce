import { expect, test } from 'vitest'
import { periodOf } from '../../src/cli/audit-options.ts'

const now = Date.UTC(2026, 10, 26, 12)
const since = (text: string) => periodOf({ since: text }, now).since

test.each([
  ['2026-11-25', '2026-11-25T00:00:00.000Z'],
  ['2026-11-25T09:00Z', '2026-11-25T09:00:00.000Z'],
  ['2026-11-25T09:00:00.5+02:00', '2026-11-25T07:00:00.500Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['9999-12-31', '9999-12-31T00:00:00.000Z'],
  ['30m', '2026-11-26T11:30:00.000Z'],
  ['2w', '2026-11-12T12:00:00.000Z'],
  // longer ago than there are times
  ['999999w', '1970-01-01T00:00:00.000Z'],
])('%s is %s', (text, time) => {
  expect(since(text)).toBe(time)
})

test.each([
  'yesterday',
  '2026-11-25T09:00:00',
  '2026-02-30',
  '2026-13-01',
  '2026-11-25T25:00Z',
  '1h30m',
  '-1h',
  '1500-01-01',
  '9999-12-31T23:00-05:00',
])('%s is no time, and the answer says what one looks like', (text) => {
  expect(() => since(text)).toThrow(`--since ${text}: expected a time with its offset (2026-11-25T09:00:00Z)`)
})

test('a period without anything in it is refused', () => {
  expect(() => periodOf({ since: '1h', until: '2h' }, now)).toThrow('--since 1h is not before --until 2h')
})
