import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildDataproduct } from '../../src/bundles/build-dataproduct.ts'
import type { Opa } from '../../src/bundles/opa.ts'
import { readBundle } from '../../src/policy/opa-wasm/bundle.ts'
import { badContract } from '../dataproduct/support/documents.ts'
import { buildTestPolicy, moduleOf, testOpa } from '../dataproduct/support/test-policy.ts'
import { createTempFolder } from '../support/temp-folder.ts'

let opa: Opa
beforeAll(async () => {
  opa = await testOpa()
}, 120_000)

const rule = {
  id: 'NEW-01',
  severity: 'error',
  scope: 'document',
  body: 'deny contains {"path": [], "msg": "no"} if false',
}

/** `file:line message` of what forbids the build. */
async function refusals(changes: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using folder = await createTempFolder('build')
  await buildTestPolicy(folder.path, changes).catch(() => undefined)
  const { findings, bundles } = await buildDataproduct(opa, folder.path)
  expect(bundles).toEqual([])
  return findings.map(({ file, line, message }) => `${file}:${line} ${message}`)
}

const at = 'rules/new_01/new_01.rego'

describe('the bundle of rules on data products', () => {
  test('says in its manifest what each rule is, and has the entrypoints of the check and of an OPA server', async () => {
    await using folder = await createTempFolder('build')
    const bundle = readBundle(await buildTestPolicy(folder.path))
    expect(bundle.entrypoints).toEqual(
      expect.arrayContaining(['dataproduct/report', 'dataproduct/validation', 'dataproduct/deny', 'dataproduct/warn']),
    )
    expect(bundle.roots).toEqual(['dataproduct'])
    expect(bundle.metadata['rules']).toMatchObject({
      'SEC-01': {
        title: 'Rule SEC-01',
        severity: 'critical',
        scope: 'document',
        regulation: ['GDPR 5(2)'],
        remedy: 'Mend SEC-01.',
      },
    })
    expect(JSON.parse(bundle.data.toString())).toEqual({
      dataproduct: { vocabulary: { levels: ['public', 'secret'] } },
    })
  })

  test('is the same bytes each time', async () => {
    await using folder = await createTempFolder('build')
    await buildTestPolicy(folder.path)
    const [first, second] = [await buildDataproduct(opa, folder.path), await buildDataproduct(opa, folder.path)]
    expect(first.bundles.map(({ bytes }) => bytes.toString('base64'))).toEqual(
      second.bundles.map(({ bytes }) => bytes.toString('base64')),
    )
  })

  test('also as Rego alone gives a stock OPA the same answer', async () => {
    await using folder = await createTempFolder('build')
    await buildTestPolicy(folder.path)
    const { bundles } = await buildDataproduct(opa, folder.path)
    const file = join(folder.path, 'rego.tar.gz')
    await writeFile(file, bundles.find(({ name }) => name === 'dataproduct-rego.tar.gz')!.bytes)
    await writeFile(join(folder.path, 'input.yaml'), badContract)
    const args = [
      'eval',
      '--bundle',
      file,
      '--input',
      join(folder.path, 'input.yaml'),
      '--format',
      'raw',
      'data.dataproduct.report.rules',
    ]
    const { stdout } = await promisify(execFile)(opa.path, args)
    expect(JSON.parse(stdout)).toMatchObject({ 'CLS-01': 'failed', 'OWN-01': 'passed', 'REF-01': 'notEvaluated' })
  })
})

describe('no bundle is built', () => {
  test('of a rule that does not say what it is', async () => {
    const text = moduleOf(rule).replace('#   remedy: Mend NEW-01.\n', '').replace('severity: error', 'severity: grave')
    expect(await refusals({ [at]: text })).toEqual([
      'policies/dataproduct/rules/new_01/new_01.rego:9 The rule does not say remedy, severity.',
    ])
    expect(await refusals({ [at]: text.replace(/^#.*\n/gmu, '') })).toEqual([
      expect.stringContaining('does not say title, description, id'),
    ])
  })

  test('of a rule in a folder of another name, or of an id that is taken', async () => {
    expect(await refusals({ 'rules/other/other.rego': moduleOf(rule) })).toEqual([
      expect.stringContaining('The id NEW-01 does not belong into the folder other.'),
    ])
  })

  test('of a rule that asks the network, or that OPA refuses', async () => {
    const asking = moduleOf({
      ...rule,
      body: 'deny contains {"path": [], "msg": "x"} if http.send({"method": "get", "url": "http://x"})',
    })
    expect(await refusals({ [at]: asking })).toEqual([expect.stringContaining('undefined function http.send')])
    expect(await refusals({ [at]: 'package dataproduct.rules.new_01\n\ndeny contains x if { ' })).not.toEqual([])
  })

  test('of a folder with something that OPA would not load', async () => {
    expect(await refusals({ 'vocabulary/people.json': '{}' })).toEqual([expect.stringContaining('people.json')])
  })
})

test('rules may know the day', async () => {
  await using folder = await createTempFolder('build')
  const dated = moduleOf({ ...rule, body: 'deny contains {"path": [], "msg": "late"} if time.now_ns() < 0' })
  await buildTestPolicy(folder.path, { [at]: dated })
  expect((await buildDataproduct(opa, folder.path)).findings).toEqual([])
})
