/** One topic of the embedded bus: what was published and not yet acknowledged by all groups that read it. */
import { createCondition } from './condition.ts'

export type LogLimits = { readonly logLengthMax: number; readonly batchLengthMax: number }

export type LogBatch<Item> = { readonly items: readonly Item[]; ack(): void }

export type LogMember<Item> = {
  /** Undefined when the signal ends it. */
  next(): Promise<LogBatch<Item> | undefined>
  /** What it had and did not acknowledge goes to the group's next member. */
  leave(): void
}

export type TopicLog<Item> = {
  /** Waits while the log is full, behind those who wait already. False: a signal came first, and nothing was appended. */
  append(items: readonly Item[], signals: readonly AbortSignal[]): Promise<boolean>
  join(group: string, signal: AbortSignal): LogMember<Item>
}

/** `acked`: the first position that is not acknowledged. `holder`: the member that works on the log now. `waiting`: who is next, in order. */
type Group = { acked: number; holder: symbol | undefined; waiting: symbol[] }

export function createTopicLog<Item>(limits: LogLimits): TopicLog<Item> {
  const groups = new Map<string, Group>()
  const [arrival, space] = [createCondition(), createCondition()]
  let items: Item[] = []
  let appending: symbol[] = []
  /** Position of `items[0]`. */
  let base = 0
  const end = () => base + items.length

  function groupOf(name: string): Group {
    const known = groups.get(name)
    if (known !== undefined) return known
    const group: Group = { acked: base, holder: undefined, waiting: [] }
    groups.set(name, group)
    return group
  }

  async function waitForSpace(signal: AbortSignal): Promise<void> {
    const self = Symbol('append')
    appending.push(self)
    while (!signal.aborted && (items.length >= limits.logLengthMax || appending[0] !== self)) await space.wait(signal)
    appending = appending.filter((other) => other !== self)
    space.notifyAll()
  }

  function trim(): void {
    const acked = Math.min(...[...groups.values()].map((group) => group.acked))
    if (acked === base) return
    items = items.slice(acked - base)
    base = acked
    space.notifyAll()
  }

  return {
    async append(added, signals) {
      if (items.length >= limits.logLengthMax || appending.length > 0) await waitForSpace(AbortSignal.any([...signals]))
      if (signals.some(({ aborted }) => aborted)) return false
      items = items.concat(added)
      arrival.notifyAll()
      return true
    },

    join(name, signal) {
      const group = groupOf(name)
      const self = Symbol(name)
      let position = 0

      function leave(): void {
        if (group.holder === self) group.holder = undefined
        group.waiting = group.waiting.filter((member) => member !== self)
        arrival.notifyAll()
      }

      return {
        leave,
        async next() {
          // all acknowledged: whoever waits longest takes over
          if (group.holder === self && position === group.acked) leave()
          if (group.holder !== self) group.waiting.push(self)
          while (!signal.aborted) {
            if (group.holder === undefined && group.waiting[0] === self && group.acked < end()) {
              group.holder = group.waiting.shift()
              position = group.acked
            }
            if (group.holder === self && position < end()) break
            await arrival.wait(signal)
          }
          if (signal.aborted) return undefined
          const batch = items.slice(position - base, position - base + limits.batchLengthMax)
          position += batch.length
          const after = position
          return {
            items: batch,
            ack() {
              if (group.holder !== self || after <= group.acked) return
              group.acked = after
              trim()
            },
          }
        },
      }
    },
  }
}
