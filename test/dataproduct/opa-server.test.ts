/** A stock `opa run` with the bundle of rules, and our own server with it: the same verdict on every example product, and what a control port of either says to `check --online`. */
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dataproductBundle } from '../../src/app/dataproduct-policy.ts'
import { readDocuments } from '../../src/dataproduct/read-document.ts'
import { ensureTool } from '../support/ensure-tool.ts'
import { freePort } from '../support/free-port.ts'
import { accessBundle, startHrPortcullis } from '../support/portcullis-process.ts'
import { copyCase, corpus, corpusFolder, documentFiles, portcullis } from './support/corpus.ts'

type Verdict = {
  readonly result?: {
    readonly valid: boolean
    readonly errors: readonly { readonly code: string; readonly rule: string; readonly path: readonly unknown[] }[]
  }
}

let opa: Disposable & { readonly url: string }
let ours: Awaited<ReturnType<typeof startHrPortcullis>>

async function startOpa() {
  const url = `http://127.0.0.1:${await freePort()}`
  const args = ['run', '--server', '--addr', url.slice('http://'.length), '--bundle', dataproductBundle]
  const child = spawn(await ensureTool('opa'), [...args, '--log-level', 'error'], { stdio: 'ignore' })
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), { timeout: 30_000 })
  return { url, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

beforeAll(async () => {
  ;[opa, ours] = await Promise.all([
    startOpa(),
    startHrPortcullis({ changes: { policy: { bundle: accessBundle, productBundle: dataproductBundle } } }),
  ])
}, 120_000)
afterAll(async () => {
  opa?.[Symbol.dispose]()
  await ours?.[Symbol.asyncDispose]()
})

async function validate(server: string, input: unknown): Promise<{ readonly status: number; readonly body: Verdict }> {
  const response = await fetch(`${server}/v1/data/dataproduct/validation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input }),
  })
  return { status: response.status, body: (await response.json()) as Verdict }
}

async function documentsOf(folder: string) {
  const files = await documentFiles(folder)
  const read = await Promise.all(
    files.map(async (file) => readDocuments({ file, bytes: await readFile(join(folder, file)) }).documents),
  )
  return read.flat().filter(({ kind }) => kind !== 'unknown')
}

const onServers = [
  ['opa', () => opa.url],
  ['portcullis', () => ours.url],
] as const
const product = async (name: string) => {
  const [document] = await documentsOf(join(corpusFolder, 'assay-drafts')).then((all) =>
    all.filter(({ file }) => file === name),
  )
  return document!.value
}

describe('POST /v1/data/dataproduct/validation', () => {
  test.each(corpus)(
    'says the same of $name on a stock opa and on our server',
    async ({ name }) => {
      const documents = await documentsOf(join(corpusFolder, name))
      expect(documents.length).toBeGreaterThan(0)
      for (const { file, value } of documents) {
        const [theirs, own] = await Promise.all([validate(opa.url, value), validate(ours.url, value)])
        expect({ file, status: own.status, result: own.body.result }).toEqual({
          file,
          status: 200,
          result: theirs.body.result,
        })
        expect(own.body.result).toEqual({ valid: expect.any(Boolean), errors: expect.any(Array) })
      }
    },
    60_000,
  )

  test.each(onServers)('%s answers valid, without errors, where all is in order', async (_, url) => {
    for (const { value } of await documentsOf(join(corpusFolder, 'general-ledger')))
      expect(await validate(url(), value)).toMatchObject({ status: 200, body: { result: { errors: [] } } })
    const [contract] = await documentsOf(join(corpusFolder, 'general-ledger'))
    expect((await validate(url(), contract!.value)).body.result?.valid).toBe(true)
  })

  test.each(onServers)('%s answers policy.missing where a policy is missing', async (_, url) => {
    const { result } = (await validate(url(), await product('missing-policy.product.yaml'))).body
    expect(result?.valid).toBe(false)
    expect(new Set(result?.errors.map(({ code }) => code))).toEqual(new Set(['policy.missing']))
  })

  test.each(onServers)('%s answers policy.invalid and enforcement.invalid where they are', async (_, url) => {
    const { result } = (await validate(url(), await product('invalid-enforcement.product.yaml'))).body
    expect(result?.valid).toBe(false)
    expect(new Set(result?.errors.map(({ code }) => code))).toEqual(new Set(['policy.invalid', 'enforcement.invalid']))
  })

  test.each(onServers)('what is no product is not valid on %s', async (_, url) => {
    expect((await validate(url(), { hello: 'world' })).body.result?.valid).toBe(false)
  })
})

describe('check --online', () => {
  test.each(onServers)('asks a control port of %s, and its refusals are findings', async (_, url) => {
    await using folder = await copyCase({ name: 'assay-drafts', changes: false })
    const file = join(folder.path, 'missing-policy.product.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('https://opa.platform.example', url()))
    const host = new URL(url()).host
    const args = ['check', file, '--online', '--allow-http', '--allow-host', host, '--format', 'json']
    const { code, stdout } = await portcullis(folder.path, args)
    const { findings } = JSON.parse(stdout) as { findings: readonly { rule: string; message: string }[] }
    expect({ code, rules: findings.map(({ rule }) => rule) }).toEqual({
      code: 1,
      rules: expect.arrayContaining(['CTL-01']),
    })
  })

  test('a control port that is not on the list could not be checked', async () => {
    await using folder = await copyCase({ name: 'assay-results', changes: false })
    const { code } = await portcullis(folder.path, ['check', '.', '--online'])
    expect(code).toBe(2)
  })
})
