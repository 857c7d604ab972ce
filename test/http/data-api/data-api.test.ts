/** The decision point beside a stock `opa run` on the same bundle: the same questions, the same answers; and what ours adds. */
import { execFile, spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ensureTool } from '../../support/ensure-tool.ts'
import { freePort } from '../../support/free-port.ts'
import { accessBundle, startHrPortcullis } from '../../support/portcullis-process.ts'
import { createTempFolder } from '../../support/temp-folder.ts'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof createTempFolder>>
let ours: Awaited<ReturnType<typeof startHrPortcullis>>
let opa: Awaited<ReturnType<typeof startOpa>>

async function startOpa() {
  const port = await freePort()
  const args = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--bundle', accessBundle, '--log-level', 'error']
  const child = spawn(await ensureTool('opa'), args, { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), { timeout: 20_000 })
  return { url, [Symbol.dispose]: () => child.kill('SIGKILL') }
}

beforeAll(async () => {
  folder = await createTempFolder('data-api')
  // a decision log with rules of its own, as an organisation would write them
  await writeFile(
    join(folder.path, 'log.rego'),
    `package system.log
mask contains "/input/user/attributes/secret"
mask contains {"op": "upsert", "path": "/input/user/id", "value": "somebody"} if input.path == "access/resource"
drop if input.input.context.purpose == "PROBE"
`,
  )
  const build = [
    'build',
    '-t',
    'wasm',
    '-e',
    'system/log/mask',
    '-e',
    'system/log/drop',
    '-o',
    'log.tar.gz',
    'log.rego',
  ]
  await run(await ensureTool('opa'), build, { cwd: folder.path })
  ;[ours, opa] = await Promise.all([
    startHrPortcullis({
      changes: { decisionLog: { folder: join(folder.path, 'decisions'), policy: join(folder.path, 'log.tar.gz') } },
    }),
    startOpa(),
  ])
}, 120_000)
afterAll(async () => {
  opa?.[Symbol.dispose]()
  await ours?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

async function ask(server: string, path: string, body?: unknown, method = 'POST') {
  const response = await fetch(`${server}${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const user = {
  id: 'Alice',
  active: true,
  roles: ['HR'],
  attributes: { trainingCompleted: ['PAYROLL_TRAINING_COURSE'] },
}
const context = { purpose: 'SALARY' }
const resource = { id: 'file:/data/hr/employee_file0.avro', type: 'Employee', format: 'avro/binary', attributes: {} }
const request = { resource: 'file:/data/hr/' }
const now = 1_780_000_000_000

describe('answers as a stock opa does', () => {
  const users = fc.record({
    id: fc.constantFrom('Alice', 'Bob', '1962720332'),
    active: fc.boolean(),
    roles: fc.subarray(['HR', 'ESTATES', 'IT']),
    attributes: fc.record({ trainingCompleted: fc.subarray(['PAYROLL_TRAINING_COURSE', 'OTHER']) }),
  })
  const contexts = fc.record({ purpose: fc.constantFrom('SALARY', 'DUTY_OF_CARE', 'STAFF_REPORT', '', 'OTHER') })

  test.each([
    [
      'access/user',
      fc.record({ user: users, context: contexts, request: fc.constant(request), now: fc.constant(now) }),
    ],
    [
      'access/resource',
      fc.record({
        user: users,
        context: contexts,
        now: fc.constant(now),
        resource: fc
          .constantFrom('file:/data/hr/employee_file0.avro', 'file:/data/hr/employee_file1.avro', 'file:/elsewhere/x')
          .map((id) => ({ ...resource, id })),
      }),
    ],
  ])(
    '%s, whoever asks for what',
    async (entrypoint, inputs) => {
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          const [mine, theirs] = await Promise.all(
            [ours.url, opa.url].map((server) => ask(server, `/v1/data/${entrypoint}/allow`, { input })),
          )
          expect(mine!.body.result).toBe(theirs!.body.result)
          expect(mine!.status).toBe(theirs!.status)
        }),
        { numRuns: 60, seed: 3 },
      )
    },
    60_000,
  )

  test('a record is decided with its masks, and keeps every digit', async () => {
    const input = { user, context: { purpose: 'DUTY_OF_CARE' }, resource, record: { uid: '1', salaryAmount: 1 }, now }
    const { body } = await ask(
      ours.url,
      '/v1/data/access/record',
      JSON.stringify({ input }).replace('"salaryAmount":1', '"salaryAmount":12345678901234567890'),
    )
    expect(body.result).toMatchObject({
      allow: true,
      masks: expect.arrayContaining([{ path: '/bankDetails', action: 'null' }]),
    })
  })

  test('what is not there is {}, also below a result; v0 gives the result alone, and 404 for nothing', async () => {
    const input = { user, context, request, now }
    for (const path of ['/v1/data/elsewhere', '/v1/data/access/user/nothing', '/v1/data/access/nothing']) {
      const [mine, theirs] = await Promise.all([ours.url, opa.url].map((server) => ask(server, path, { input })))
      expect([mine!.status, 'result' in mine!.body]).toEqual([theirs!.status, 'result' in theirs!.body])
    }
    const v0 = await Promise.all([ours.url, opa.url].map((server) => ask(server, '/v0/data/access/user/allow', input)))
    expect(v0[0]).toEqual(v0[1])
    const gone = await Promise.all([ours.url, opa.url].map((server) => ask(server, '/v0/data/elsewhere', input)))
    expect(gone[0]!.status).toBe(gone[1]!.status)
  })

  test('an encoded slash belongs to a key, and separates nothing', async () => {
    const input = { user, context, request, now }
    for (const path of ['/v1/data/access%2fuser', '/v1/data/access/user%2Fallow', '/v1/data/access/%75ser/allow']) {
      const [mine, theirs] = await Promise.all([ours.url, opa.url].map((server) => ask(server, path, { input })))
      expect([path, mine!.status, mine!.body.result]).toEqual([path, theirs!.status, theirs!.body.result])
    }
  })

  test('what is asked for beside the result comes for the same values of the query', async () => {
    const input = { user, context, request, now }
    for (const query of ['metrics', 'metrics=true', 'metrics=0', 'metrics=false', 'provenance=1', 'explain=bogus']) {
      const keys = await Promise.all(
        [ours.url, opa.url].map(async (server) => {
          const { body } = await ask(server, `/v1/data/access/user/allow?${query}`, { input })
          return ['metrics', 'provenance', 'explanation'].filter((key) => key in body)
        }),
      )
      expect([query, keys[0]]).toEqual([query, keys[1]])
    }
  })

  test('?pretty lays the answer out, and an error is laid out always', async () => {
    const input = { user, context, request, now }
    const textOf = async (server: string, path: string, body: unknown) =>
      (await fetch(`${server}${path}`, { method: 'POST', body: JSON.stringify(body) })).text()
    for (const query of ['?pretty', '?pretty=true', '?pretty=false', '?pretty=1', '']) {
      const [mine, theirs] = await Promise.all(
        [ours.url, opa.url].map((server) => textOf(server, `/v0/data/access/user${query}`, input)),
      )
      expect([query, mine]).toEqual([query, theirs])
    }
    const v1 = await textOf(ours.url, '/v1/data/access/user?pretty', { input })
    expect(v1).toBe(`${JSON.stringify(JSON.parse(v1), undefined, 2)}\n`)
    const wrong = await Promise.all(
      [ours.url, opa.url].map((server) => textOf(server, '/v1/data/access/user', 'no object')),
    )
    expect(wrong.map((text) => text.replace(/"message": .*/u, ''))).toEqual([
      '{\n  "code": "invalid_parameter",\n  \n}\n',
      '{\n  "code": "invalid_parameter",\n  \n}\n',
    ])
  })

  test('GET takes the input in the query, and what is no JSON is refused alike', async () => {
    const input = encodeURIComponent(JSON.stringify({ user, context, request, now }))
    for (const path of [`/v1/data/access/user/allow?input=${input}`, '/v1/data/access/user/allow?input=%7B']) {
      const [mine, theirs] = await Promise.all([ours.url, opa.url].map((server) => ask(server, path, undefined, 'GET')))
      expect([mine!.status, mine!.body.result, mine!.body.code]).toEqual([
        theirs!.status,
        theirs!.body.result,
        theirs!.body.code,
      ])
    }
    const bad = await Promise.all(
      [ours.url, opa.url].map((server) => ask(server, '/v1/data/access/user', '{"input": ')),
    )
    expect([bad[0]!.status, bad[0]!.body.code]).toEqual([bad[1]!.status, bad[1]!.body.code])
  })
})

describe('beyond that', () => {
  test('provenance, metrics, a decision id and the reasons come when they are asked for', async () => {
    const input = { user: { ...user, active: false }, context, request, now }
    const { body } = await ask(ours.url, '/v1/data/access/user?provenance=true&metrics=true&explain=notes', { input })
    expect(body).toMatchObject({
      decision_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      provenance: { bundles: { access: { revision: expect.stringMatching(/^[0-9a-f]{64}$/) } } },
      metrics: { timer_rego_query_eval_ns: expect.any(Number) },
      explanation: [expect.stringContaining('user.suspended')],
      result: { allow: false },
    })
  })

  test('the reasons come for a part of the answer, too', async () => {
    const input = { user: { ...user, active: false }, context, request, now }
    const { body } = await ask(ours.url, '/v1/data/access/user/allow?explain=notes', { input })
    expect(body).toMatchObject({ result: false, explanation: [expect.stringContaining('user.suspended')] })
  })

  test.each<[string, string, unknown]>([
    ['no input', 'access/user', {}],
    ['a user without roles', 'access/user', { input: { user: { id: 'Alice', active: true }, context, request } }],
    [
      'an id that is not canonical',
      'access/resource',
      { input: { user, context, resource: { ...resource, id: 'file:/data/../hr/x' } } },
    ],
    ['a record that is no object', 'access/record', { input: { user, context, resource, record: [1] } }],
    ['an input that is text', 'access/user', { input: 'Alice' }],
  ])('%s is denied, and said so', async (_, path, question) => {
    const { status, body } = await ask(ours.url, `/v1/data/${path}`, question)
    expect(status).toBe(200)
    expect(body.result).toMatchObject({ allow: false })
    expect((body.result as { reasons: unknown[] }).reasons.length).toBeGreaterThan(0)
  })

  test('a caller brings neither layers nor the time nor facts: they make no difference', async () => {
    const input = { user: { ...user, roles: ['IT'] }, context, resource, record: { uid: '1', manager: [] } }
    const plain = await ask(ours.url, '/v1/data/access/record', { input })
    const forged = await ask(ours.url, '/v1/data/access/record', {
      input: { ...input, layers: [], now: 0, facts: { 'hr.record_masking': { manages: true } } },
    })
    expect(forged.body.result).toEqual(plain.body.result)
    expect(plain.body.result).toMatchObject({ allow: false })
  })

  test.each(['', 'attachments', 'lib/purposes', 'rules', 'access', 'access/guard', 'access/attached'])(
    'base data and inner parts stay inside: /v1/data/%s',
    async (path) => {
      const { status, body } = await ask(ours.url, `/v1/data/${path}`, { input: { user, context, resource, now } })
      expect(status).toBe(200)
      expect(body).not.toHaveProperty('result')
    },
  )

  test.each(['9007199254740993', '1e400', '0.12345678901234567890'])(
    'an attribute of a user that would be rounded, such as %s, is denied; others are taken',
    async (number) => {
      const body = (value: string) =>
        JSON.stringify({ input: { user, context, request } }).replace('"attributes":{', `"attributes":{"n":${value},`)
      const { body: denied } = await ask(ours.url, '/v1/data/access/user', body(number))
      expect(denied.result).toMatchObject({ allow: false, reasons: [{ code: 'policy.input_invalid' }] })
      for (const kept of ['9007199254740992', '1.50', '-0.0', '1e3', '1e-7', '"9007199254740993"'])
        expect((await ask(ours.url, '/v1/data/access/user', body(kept))).body.result).toMatchObject({ allow: true })
    },
  )

  test('a member named twice is refused: two readers would read two questions', async () => {
    expect((await ask(ours.url, '/v1/data/access/user', '{"input": {}, "input": {}}')).status).toBe(400)
    const body = JSON.stringify({ input: { user, context, request, record: { manager: [{ uid: 'x' }] } } })
    for (const [once, twice] of [
      ['"active":', '"\\u0061ctive":false,"active":'],
      ['"purpose":', '"purpose":"X","purpose":'],
      ['"uid":', '"uid":"y","uid":'],
    ] as const) {
      expect(body).toContain(once)
      const { result } = (await ask(ours.url, '/v1/data/access/user', body.replace(once, twice))).body
      expect(result, twice).toMatchObject({ allow: false, reasons: [{ code: 'policy.input_invalid' }] })
    }
    expect((await ask(ours.url, '/v1/data/access/user', body)).body.result).toMatchObject({ allow: true })
  })
})

test('the decision log holds OPA’s events, masked and dropped by system.log rules, without the values of records', async () => {
  const input = {
    user: { ...user, attributes: { secret: 's3cr3t' } },
    context,
    request,
    resource,
    record: { uid: 'value-of-a-record' },
  }
  const marked = async (path: string, purpose: string) =>
    (await ask(ours.url, `/v1/data/${path}`, { input: { ...input, context: { purpose } } })).body.decision_id as string
  const ids = [
    await marked('access/user', 'SALARY'),
    await marked('access/resource', 'SALARY'),
    await marked('access/record', 'SALARY'),
  ]
  const dropped = await marked('access/user', 'PROBE')
  const events = async () => {
    const names = await readdir(join(folder.path, 'decisions')).catch((): string[] => [])
    const texts = await Promise.all(names.map((name) => readFile(join(folder.path, 'decisions', name), 'utf8')))
    return texts
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  await expect
    .poll(async () => (await events()).filter(({ decision_id: id }) => ids.includes(id as string)).length, {
      timeout: 10_000,
    })
    .toBe(3)
  const all = await events()
  const [byUser, byResource, byRecord] = ids.map((id) => all.find((event) => event.decision_id === id))
  expect(all.some((event) => event.decision_id === dropped)).toBe(false)
  expect(byUser).toMatchObject({
    path: 'access/user',
    result: { allow: true },
    erased: expect.arrayContaining(['/input/user/attributes/secret']),
    bundles: { access: { revision: expect.any(String) } },
    requested_by: '127.0.0.1',
  })
  expect(byResource).toMatchObject({ masked: ['/input/user/id'], input: { user: { id: 'somebody' } } })
  expect(byRecord).toMatchObject({ erased: expect.arrayContaining(['/input/record']) })
  expect(JSON.stringify(all)).not.toMatch(/s3cr3t|value-of-a-record/)
}, 60_000)
