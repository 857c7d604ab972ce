/** Runs a stage: subscribe → handle → audit → publish → acknowledge. One message in gives exactly one out (or, where a stage expands, a counted many). */
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Batch, Bus } from '../bus/bus.ts'
import type { PipelineTopic, PipelineTopics } from '../bus/topics.ts'
import type { AuditEvent } from '../domain/audit-event.ts'
import type { Envelope } from '../domain/envelope.ts'
import { toPortcullisError } from '../domain/errors.ts'
import type { Token } from '../domain/ids.ts'
import { createAuditEvents } from './audit-events.ts'
import { forEachLimited } from './limited.ts'
import type { PipelineLog } from './log.ts'
import { withRetry } from './retry.ts'
import type { Item, Outcome, Sink, Stage } from './stage.ts'

/** Tokens of one batch that are worked on at once. */
const tokensAtOnce = 16
/** Envelopes published together at most; an expansion of any size stays within this. */
const publishLengthMax = 500
/** How long a stage tries to reach what it needs before the item is answered with a failure, in milliseconds. */
export const stageRetryBudgetMs = 10_000

export type PipelineDeps = {
  readonly bus: Bus
  readonly trail: AuditTrail
  readonly log: PipelineLog
  readonly signal: AbortSignal
  readonly now: () => number
}

/** Resolves on abort. Never throws for a message: nothing wedges a partition. */
export async function runStage<In extends PipelineTopic, Out extends PipelineTopic>(
  stage: Stage<In, Out>,
  deps: PipelineDeps,
): Promise<void> {
  const events = createAuditEvents(stage.name, deps.now)
  const forever = {
    signal: deps.signal,
    budgetMs: Number.POSITIVE_INFINITY,
    onRetry: (thrown: unknown, tries: number) => deps.log.retrying(stage.name, thrown, tries),
  }
  const subscription = deps.bus.subscribe(stage.consumes, {
    group: stage.name,
    signal: deps.signal,
    onUndecodable: (place) => withRetry(() => deps.trail.record([events.undecodable(place)]), forever),
  })
  for await (const batch of subscription) {
    try {
      await handleBatch(batch)
      await batch.ack()
    } catch (thrown) {
      if (deps.signal.aborted) return
      // not acknowledged: the bus delivers it again
      deps.log.fault(stage.name, thrown)
      throw thrown
    }
  }

  async function handleBatch(batch: Batch<Envelope<PipelineTopics[In]>>): Promise<void> {
    const output = createOutput(stage.produces)
    await forEachLimited(runsByToken(batch.items), tokensAtOnce, async ([token, envelopes]) => {
      for (const run of splitRuns(envelopes)) {
        if (run.kind === 'data') await handleItems(token, run.envelopes, output)
        else await pass(run.envelope, output)
      }
    })
    await output.flush()
  }

  async function handleItems(
    token: Token,
    envelopes: readonly DataEnvelope<PipelineTopics[In]>[],
    output: Output<PipelineTopics[Out]>,
  ): Promise<void> {
    const extras = envelopes[0]!.extras
    const items = envelopes.map(({ index, body }) => ({ index, body }))
    const emit = (outcome: Outcome<PipelineTopics[Out]>) => output.push({ token, extras, ...outcome })
    try {
      await attempt(token, items, emit, output)
    } catch (thrown) {
      deps.signal.throwIfAborted()
      // one bad item must not take the others with it
      if (items.length > 1) for (const envelope of envelopes) await handleItems(token, [envelope], output)
      else await fail(token, items[0]!, thrown, emit, output)
    }
  }

  /** Outcomes are held back until the whole run is known, unless an expansion outgrows one publication. */
  async function attempt(
    token: Token,
    items: readonly Item<PipelineTopics[In]>[],
    emit: (outcome: Outcome<PipelineTopics[Out]>) => void,
    output: Output<PipelineTopics[Out]>,
  ): Promise<void> {
    await withRetry(
      async () => {
        let held: Outcome<PipelineTopics[Out]>[] = []
        const audited: AuditEvent[] = []
        const release = async () => {
          output.audit(audited.splice(0))
          for (const outcome of held) emit(outcome)
          held = []
        }
        for await (const outcome of stage.handle(items, {
          token,
          signal: deps.signal,
          audit: (event) => void audited.push(event),
        })) {
          held.push(outcome)
          if (held.length < publishLengthMax) continue
          await release()
          await output.flush()
        }
        await release()
      },
      {
        signal: deps.signal,
        budgetMs: stageRetryBudgetMs,
        onRetry: (thrown, tries) => deps.log.retrying(stage.name, thrown, tries),
      },
    )
  }

  async function fail(
    token: Token,
    item: Item<PipelineTopics[In]>,
    thrown: unknown,
    emit: (outcome: Outcome<PipelineTopics[Out]>) => void,
    output: Output<PipelineTopics[Out]>,
  ): Promise<void> {
    const error = toPortcullisError(thrown)
    deps.log.fault(stage.name, thrown)
    const index = stage.failureIndex?.(token) ?? item.index
    output.audit([events.failed(token, index, item.body, error.code)])
    const failure = { code: error.code, message: error.message, stage: stage.name }
    emit({ kind: 'failed', index, failure })
    await stage.passing?.({ kind: 'failed', token, extras: {}, index, failure })
  }

  async function pass(envelope: Envelope<PipelineTopics[In]>, output: Output<PipelineTopics[Out]>): Promise<void> {
    if (envelope.kind === 'end' && stage.total !== undefined) {
      const total = await withRetry(() => stage.total!(envelope.token), forever)
      output.push({ ...envelope, ...(total === undefined ? {} : { total }) })
      return
    }
    if (envelope.kind !== 'start' && envelope.kind !== 'end')
      await withRetry(async () => stage.passing?.(envelope), forever)
    output.push(envelope as Envelope<PipelineTopics[Out]>)
  }

  function createOutput(topic: Out): Output<PipelineTopics[Out]> {
    let envelopes: Envelope<PipelineTopics[Out]>[] = []
    let audited: AuditEvent[] = []
    let flushing: Promise<void> = Promise.resolve()
    async function flushNow(): Promise<void> {
      const [publishing, recording] = [envelopes, audited]
      envelopes = []
      audited = []
      if (recording.length > 0) await withRetry(() => deps.trail.record(recording), forever)
      for (let from = 0; from < publishing.length; from += publishLengthMax)
        await withRetry(
          () => deps.bus.publish(topic, publishing.slice(from, from + publishLengthMax), { signal: deps.signal }),
          forever,
        )
    }
    return {
      push: (envelope) => void envelopes.push(envelope),
      audit: (list) => void audited.push(...list),
      flush: () => (flushing = flushing.then(flushNow)),
    }
  }
}

type DataEnvelope<Body> = Extract<Envelope<Body>, { kind: 'data' }>
type Output<Body> = {
  push(envelope: Envelope<Body>): void
  audit(events: readonly AuditEvent[]): void
  flush(): Promise<void>
}

function runsByToken<Body>(envelopes: readonly Envelope<Body>[]): Map<Token, Envelope<Body>[]> {
  const runs = new Map<Token, Envelope<Body>[]>()
  for (const envelope of envelopes) {
    const run = runs.get(envelope.token)
    if (run === undefined) runs.set(envelope.token, [envelope])
    else run.push(envelope)
  }
  return runs
}

type Run<Body> =
  | { readonly kind: 'data'; readonly envelopes: DataEnvelope<Body>[] }
  | { readonly kind: 'other'; readonly envelope: Envelope<Body> }

/** Neighbouring data envelopes go to the stage together. */
function splitRuns<Body>(envelopes: readonly Envelope<Body>[]): Run<Body>[] {
  const runs: Run<Body>[] = []
  for (const envelope of envelopes) {
    const last = runs.at(-1)
    if (envelope.kind !== 'data') runs.push({ kind: 'other', envelope })
    else if (last?.kind === 'data') last.envelopes.push(envelope)
    else runs.push({ kind: 'data', envelopes: [envelope] })
  }
  return runs
}

/** Runs the end of the pipeline: subscribe → take → acknowledge. */
export async function runSink<In extends PipelineTopic>(sink: Sink<In>, deps: PipelineDeps): Promise<void> {
  const events = createAuditEvents(sink.name, deps.now)
  const forever = {
    signal: deps.signal,
    budgetMs: Number.POSITIVE_INFINITY,
    onRetry: (thrown: unknown, tries: number) => deps.log.retrying(sink.name, thrown, tries),
  }
  const subscription = deps.bus.subscribe(sink.consumes, {
    group: sink.name,
    signal: deps.signal,
    onUndecodable: (place) => withRetry(() => deps.trail.record([events.undecodable(place)]), forever),
  })
  for await (const batch of subscription) {
    try {
      await forEachLimited(runsByToken(batch.items), tokensAtOnce, ([token, envelopes]) =>
        withRetry(() => sink.take(token, envelopes), forever),
      )
      await batch.ack()
    } catch (thrown) {
      if (deps.signal.aborted) return
      deps.log.fault(sink.name, thrown)
      throw thrown
    }
  }
}
