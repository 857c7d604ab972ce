/** A checkout that has no `policies/access/` of its own is built, checked and tested with the one of this package. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildAccess } from '../../src/bundles/build-access.ts'
import { lintPolicies } from '../../src/bundles/lint.ts'
import type { Opa } from '../../src/bundles/opa.ts'
import { coverageOfTests, testPolicies } from '../../src/bundles/policy-test.ts'
import { readSources } from '../../src/bundles/sources.ts'
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts'
import { createCheckout, pinnedOpa, repository } from './support/checkout.ts'

const timeoutMs = 120_000

/** The repository's own policies, but for how they become a decision. */
async function createLent(): Promise<TempFolder> {
  const checkout = await createCheckout({})
  await rm(join(checkout.path, 'policies/access'), { recursive: true })
  return checkout
}

describe('a checkout without access/', () => {
  let opa: Opa
  beforeAll(async () => {
    opa = await pinnedOpa()
  }, timeoutMs)

  test('has the sources of one that has a copy of it', async () => {
    await using lent = await createLent()
    const [own, borrowed] = await Promise.all([readSources(repository), readSources(lent.path)])
    expect(borrowed).toEqual(own)
  })

  test(
    'builds to the same revision',
    async () => {
      await using lent = await createLent()
      await using own = await createCheckout({})
      const revisions = async (root: string) =>
        (await buildAccess(opa, root)).bundles.map(({ name, revision }) => [name, revision])
      expect(await revisions(lent.path)).toEqual(await revisions(own.path))
    },
    timeoutMs,
  )

  test('has no findings for that', async () => {
    await using lent = await createLent()
    expect(await lintPolicies(opa, lent.path)).toEqual([])
  })

  test(
    'tests whole decisions, and is measured by its own lines alone',
    async () => {
      await using lent = await createTempFolder('checkout')
      for (const [file, text] of Object.entries(small)) {
        await mkdir(dirname(join(lent.path, file)), { recursive: true })
        await writeFile(join(lent.path, file), text)
      }
      expect(await testPolicies(opa, lent.path, {})).toMatchObject({ ok: true })
      expect(await coverageOfTests(opa, lent.path)).toBe(100)
    },
    timeoutMs,
  )

  test('that has nothing else either holds no policies', async () => {
    await using empty = await createTempFolder('checkout')
    await mkdir(join(empty.path, 'policies'))
    await expect(readSources(empty.path)).rejects.toMatchObject({
      code: 'bundle.missing',
      message: expect.stringContaining('policies/rules') as string,
    })
  })
})

test('a checkout with access/ of its own is built with that', async () => {
  const mine = 'package access\n'
  await using checkout = await createCheckout({ 'access/access.rego': mine })
  const { sources } = await readSources(checkout.path)
  expect(sources.find(({ path }) => path === 'access/access.rego')?.bytes.toString('utf8')).toBe(mine)
})

const small = {
  'policies/lib/one/one.rego': 'package lib.one\n\nis_one(value) if value == 1\n',
  'opa-tests/whole_test.rego': `package test.whole

test_no_input_is_denied if data.access.user.allow == false with input as {}

test_one_is_one if data.lib.one.is_one(1)
`,
}
