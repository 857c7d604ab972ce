/** The decision log on a real disk: what is lost is counted, and one event's trouble is not another's. */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DecisionEvent } from '../../src/audit/decision-log.ts'
import { createDecisionLogFile, waitingCharsMax } from '../../src/audit/file/decision-log-file.ts'
import type { Json } from '../../src/domain/json.ts'
import { createRedaction } from '../../src/services/decision/redact-decision.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const dayFile = 'decisions-2026-11-25.ndjson'

function event(id: string, input: Json = { user: { id: 'Alice' } }): DecisionEvent {
  return {
    decision_id: id,
    labels: {},
    bundles: {},
    path: 'access/user',
    input,
    result: { allow: true },
    requested_by: 'Alice',
    timestamp: '2026-11-25T12:00:00.000Z',
    metrics: {},
    req_id: 1,
  }
}

async function openLog(folder: string, redact = createRedaction({ recordValues: false, onProblem: () => undefined })) {
  const problems: unknown[] = []
  const log = await createDecisionLogFile({ folder, redact, onProblem: (thrown) => problems.push(thrown) })
  return { log, problems, [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() }
}

async function linesOf(folder: string) {
  const text = await readFile(join(folder, dayFile), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as DecisionEvent
      } catch {
        return 'torn'
      }
    })
}

function nested(depth: number): Json {
  let value: Json = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

test('an event nested too deeply to be printed goes without input and result, and takes no other with it', async () => {
  await using folder = await createTempFolder('decisions')
  await using opened = await openLog(folder.path)
  opened.log.record(event('before'), 1)
  opened.log.record(event('deep', nested(200_000)), 1)
  opened.log.record(event('after'), 1)
  await opened.log[Symbol.asyncDispose]()
  const lines = (await linesOf(folder.path)) as DecisionEvent[]
  expect(lines.map(({ decision_id }) => decision_id)).toEqual(['before', 'deep', 'after'])
  expect(lines[1]).toMatchObject({ erased: ['/input', '/result'] })
  expect(lines[1]).not.toHaveProperty('input')
  expect(opened.problems).toHaveLength(1)
})

test('events lost in one failure after the other are all counted in the first line that is written again', async () => {
  await using folder = await createTempFolder('decisions')
  await using opened = await openLog(folder.path)
  await mkdir(join(folder.path, dayFile))
  for (const id of ['one', 'two', 'three']) {
    opened.log.record(event(id), 1)
    await opened.log[Symbol.asyncDispose]()
  }
  await rm(join(folder.path, dayFile), { recursive: true })
  opened.log.record(event('four'), 1)
  opened.log.record(event('five'), 1)
  await opened.log[Symbol.asyncDispose]()
  const lines = (await linesOf(folder.path)) as DecisionEvent[]
  expect(lines.map(({ metrics }) => metrics.counter_decision_logs_dropped)).toEqual([3, undefined])
})

test('half a line that a full disk or a killed process left does not spoil the next one', async () => {
  await using folder = await createTempFolder('decisions')
  await appendFile(join(folder.path, dayFile), '{"decision_id":"half')
  await using opened = await openLog(folder.path)
  opened.log.record(event('next'), 1)
  await opened.log[Symbol.asyncDispose]()
  expect(await linesOf(folder.path)).toEqual(['torn', expect.objectContaining({ decision_id: 'next' })])
})

test('what waits is bounded by its size as well as by its number', async () => {
  await using folder = await createTempFolder('decisions')
  await using opened = await openLog(folder.path)
  opened.log.record(event('large'), waitingCharsMax)
  opened.log.record(event('no room'), 1)
  await opened.log[Symbol.asyncDispose]()
  opened.log.record(event('room again'), 1)
  await opened.log[Symbol.asyncDispose]()
  const lines = (await linesOf(folder.path)) as DecisionEvent[]
  expect(lines.map(({ decision_id }) => decision_id)).toEqual(['large', 'room again'])
  expect(lines[0]!.metrics.counter_decision_logs_dropped).toBe(1)
})
