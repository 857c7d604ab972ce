/** What every audit trail does, sentence by sentence of its port. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditTrail } from '../../src/audit/audit-trail.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'

export type AuditTrailHarness = AsyncDisposable & {
  readonly trail: AuditTrail
  /** All events that were recorded so far, in any order. */
  events(): Promise<readonly AuditEvent[]>
  /** Takes away what the trail writes to, and gives it back. */
  readonly medium: { break(): Promise<void>; mend(): Promise<void> }
}

const event = (kind: AuditEvent['kind'], day = '2026-11-25'): AuditEvent => ({
  id: randomUUID(),
  kind,
  time: `${day}T10:00:00.000Z`,
  service: 'delivery',
  userId: 'Alice',
  context: { purpose: 'SALARY' },
})

const distinct = (events: readonly AuditEvent[]): AuditEvent[] =>
  [...new Set(events.map((one) => JSON.stringify(one)))].map((text) => JSON.parse(text) as AuditEvent)

/** How long it may take to say that it cannot be done, and to work again. */
const faultMs = 60_000

export function describeAuditTrail(name: string, start: () => Promise<AuditTrailHarness>): void {
  describe(name, () => {
    let harness: AuditTrailHarness
    beforeAll(async () => {
      harness = await start()
    }, 120_000)
    afterAll(() => harness?.[Symbol.asyncDispose]())

    const recorded = async (events: readonly AuditEvent[]) => {
      const all = await harness.events()
      // a topic may hold an event twice, unchanged; files keep it once
      return events.map(({ id }) => distinct(all.filter((one) => one.id === id)))
    }

    test('has every event, unchanged, when it resolves', async () => {
      const events = [event('leaf.delivered'), event('leaf.withheld'), event('read.started'), event('read.denied')]
      await harness.trail.record(events)
      expect(await recorded(events)).toEqual(events.map((one) => [one]))
    })

    test('takes many at once', async () => {
      const events = Array.from({ length: 300 }, () => event('leaf.delivered'))
      await Promise.all(events.map((one) => harness.trail.record([one])))
      expect(await recorded(events)).toEqual(events.map((one) => [one]))
    })

    test('nothing to record is no fault', async () => {
      await expect(harness.trail.record([])).resolves.toBeUndefined()
    })

    test(
      'rejects what it cannot record, and goes on when it can again',
      async () => {
        await harness.medium.break()
        // another day, which files may begin anew
        await expect(harness.trail.record([event('leaf.delivered', '2026-11-26')])).rejects.toMatchObject({
          code: 'audit.failed',
        })
        await harness.medium.mend()
        const later = event('read.finished', '2026-11-26')
        await expect
          .poll(
            () =>
              harness.trail.record([later]).then(
                () => 'recorded',
                () => 'not yet',
              ),
            { timeout: faultMs },
          )
          .toBe('recorded')
        expect((await recorded([later]))[0]!.length).toBeGreaterThan(0)
      },
      2 * faultMs,
    )
  })
}
