import { expect, test } from 'vitest'
import { beginCall } from './support/begun-call.ts'
import { startEdge } from './support/edge.ts'

test('a connection that is busy when the server stops is closed after its answer, not held for the next call', async () => {
  const edge = await startEdge({ closeGraceMs: 600_000 })
  const body = JSON.stringify({ userId: 'Alice', resourceId: 'file:/data/hr/', context: { purpose: 'SALARY' } })
  const call = await beginCall(edge.url, '/api/v1/requests', body)
  const closed = edge.app.close()
  expect(await call.finish()).toMatch(/^HTTP\/1\.1 201 /u)
  await closed
})
