/** The examples of docs/operating.md are configuration that starts, and what it says of defaults is so. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/app/config.ts'
import { rateDefaults } from '../../src/http/rate/rate-limits.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'

const text = await readFile(join(repositoryFolder, 'docs/operating.md'), 'utf8')
const examples = [...text.matchAll(/^```yaml\n(.*?)^```$/gmsu)].map(([, yaml]) => load(yaml!) as object)
const minimal = {
  listen: '127.0.0.1:0',
  authentication: { kind: 'none' },
  policy: { bundle: 'bundle.tar.gz' },
  directory: { kind: 'file', file: 'users.yaml' },
  catalogue: { roots: [{ id: 'file:/data/', folder: 'data' }] },
  bus: { kind: 'embedded' },
  tokens: { kind: 'embedded' },
  audit: { folder: 'audit' },
}
const parse = (changes: object, environment: Readonly<Record<string, string>> = {}) =>
  parseConfig({ ...minimal, ...changes }, { folder: '/etc/portcullis', environment })

test('each example is accepted', () => {
  expect(examples).toHaveLength(3)
  for (const example of examples) expect(parse(example, { REDIS_PASSWORD: 'secret' })).toBeDefined()
})

test('the limits shown are the defaults', () => {
  expect(examples.at(-1)).toMatchObject({ limits: rateDefaults })
})

test('the problems shown are those that are told', () => {
  const wrong = {
    bus: { kind: 'kafka', brokers: 'b:1', brokrs: 'x' },
    limits: { reads: { perMinute: '${READS}', burst: 1 } },
  }
  const told = text.match(/^The configuration is not valid:\n(?: {2}\/.*\n)+/mu)![0].trimEnd()
  expect(() => parse(wrong, { READS: 'many' })).toThrow(expect.objectContaining({ message: told }))
})
