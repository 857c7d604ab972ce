/** What orchestrators ask. */
import { describe, expect, test } from 'vitest'
import { startEdge } from './support/edge.ts'

const never = () => new Promise<void>(() => {})

describe('readiness', () => {
  test('is there when every check passes', async () => {
    await using edge = await startEdge({ checks: { bus: async () => {}, tokens: async () => {} } })
    const response = await fetch(`${edge.url}/health/ready`)
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: 'ready', checks: { bus: 'ok', tokens: 'ok' } },
    ])
  })

  test('is not there when a check fails or does not answer in time, and says which', async () => {
    const fails = () => Promise.reject(new Error('redis://user:secret@host'))
    await using edge = await startEdge({
      checks: { bus: never, tokens: fails, other: async () => {} },
      checkTimeoutMs: 50,
    })
    const response = await fetch(`${edge.url}/health/ready`)
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'unready', checks: { bus: 'failed', tokens: 'failed', other: 'ok' } },
    ])
    expect(edge.log.filter(({ event }) => event === 'health.failed').map(({ fields }) => fields.check)).toEqual([
      'tokens',
      'bus',
    ])
  })

  test('comes back', async () => {
    let broken = true
    const check = async () => {
      if (broken) throw new Error('away')
    }
    await using edge = await startEdge({ checks: { bus: check } })
    expect((await fetch(`${edge.url}/health/ready`)).status).toBe(503)
    broken = false
    expect((await fetch(`${edge.url}/health/ready`)).status).toBe(200)
  })
})

test('the process is alive whatever the checks say', async () => {
  await using edge = await startEdge({ checks: { bus: never } })
  const response = await fetch(`${edge.url}/health/live`)
  expect([response.status, await response.json()]).toEqual([200, { status: 'live' }])
})
