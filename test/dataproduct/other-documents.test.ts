/** What is a data product or contract by its look, but none that rules look at, never seems to be in order. */
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/dataproduct/report.ts'
import { exitCodeOf } from '../../src/dataproduct/report.ts'
import { useTestPolicy } from './support/check.ts'
import { badContract, folderOf, goodContract } from './support/documents.ts'

const { check } = useTestPolicy()

const integrity = (report: Report, file: string) =>
  report.findings
    .filter((finding) => finding.rule === 'INT-01' && finding.file === file)
    .map(({ line, column, message }) => `${line}:${column} ${message}`)

describe('a document of no kind of ours', () => {
  test.each([
    ['the Data Contract Specification', 'dataContractSpecification: 1.2.1\nmodels: {}\n'],
    ['DPDS', 'dataProductDescriptor: 1.0.0\ninfo: {}\n'],
    ['opendataproducts.org', 'schema: https://opendataproducts.org/v4.1/schema/odps.yaml\nproduct: {}\n'],
    ['a kind in other letters', goodContract.replace('DataContract', 'dataContract')],
    ['a kind that is misspelt', goodContract.replace('DataContract', 'DataContrakt')],
    ['a kind that is empty', goodContract.replace('DataContract', '')],
    ['no kind', goodContract.replace('kind: DataContract\n', '')],
    ['ODCS 2 without a kind', 'apiVersion: 2.2.2\ndataset: []\n'],
    ['a list of contracts', `- ${goodContract.trimEnd().replaceAll('\n', '\n  ')}\n`],
  ])('%s: is a finding in a folder, whatever the rules say', async (_, text) => {
    const report = await check({ 'values.yaml': text, 'contract.yaml': goodContract })
    expect(integrity(report, 'values.yaml')).toEqual([expect.stringContaining('by its look')])
    expect(report).toMatchObject({ passedOver: 0, problems: [] })
    expect(report.files.find(({ file }) => file === 'values.yaml')?.kinds).toEqual(['foreign'])
    expect(exitCodeOf(report, 'error')).toBe(1)
  })

  test.each([
    ['a manifest of Kubernetes', 'apiVersion: v1\nkind: ConfigMap\nschema: x\n'],
    ['a resource that is named after products', 'apiVersion: mesh.example.com/v1\nkind: DataProductClaim\n'],
    ['a compose file', 'services: {web: {image: x}}\nversion: 3.1.0\n'],
    ['a package', '{"name": "x", "version": "1.0.0", "schema": {}}'],
    ['a list of texts', '[DataContract, DataProduct]'],
  ])('%s: is passed over', async (_, text) => {
    const report = await check({ 'values.yaml': text, 'contract.yaml': goodContract })
    expect(integrity(report, 'values.yaml')).toEqual([])
    expect(report.passedOver).toBe(1)
  })

  test('beside others in a file is a finding at its own place, and the others are checked', async () => {
    const report = await check({ 'all.yaml': `${badContract}---\nkind: ConfigMap\n` })
    const line = badContract.split('\n').length + 1
    expect(integrity(report, 'all.yaml').at(-1)).toMatch(new RegExp(`^${line}:1 Document 2 of this file is none`, 'u'))
    expect(report.findings.map(({ rule }) => rule)).toContain('CLS-01')
  })

  test.each([
    ['a comma too many', '{"kind":"DataContract","id":"x",}'],
    ['two values', '{"id":"x","kind":"DataProduct"}\n{"id":"y","kind":"DataProduct"}\n'],
    ['a broken flow mapping', "{id: x, kind: 'DataContract', schema: [}\n"],
    ['a broken list', '- kind: DataContract\n  id: [\n'],
  ])('that is broken by %s is a finding', async (_, text) => {
    const report = await check({ 'values.json': text, 'contract.yaml': goodContract })
    expect(integrity(report, 'values.json')).toHaveLength(1)
    expect(report.passedOver).toBe(0)
  })

  test('with `dataProduct` is one of our profile, whatever its kind', async () => {
    for (const kind of ['x', '', '[a]']) {
      const report = await check({ 'product.yaml': `kind: ${kind}\ndataProduct: {name: a}\n` })
      expect(report.files[0]?.kinds).toEqual(['profile'])
      expect(integrity(report, 'product.yaml')[0]).toContain('`kind` is no key')
    }
  })
})

describe('links', () => {
  test('that lead to nothing or out of the repository could not be checked where their name promises a document', async () => {
    await using outside = await folderOf({ 'secret.yaml': badContract })
    const report = await check(
      { 'products/contract.yaml': goodContract, 'shared/more.odcs.yaml': badContract },
      {
        paths: ['products'],
        prepare: async (folder) => {
          await writeFile(join(folder, 'note.txt'), 'kind: DataContract\n')
          const links = {
            'gone.odcs.yaml': 'nowhere',
            'out.odcs.yaml': join(outside.path, 'secret.yaml'),
            'within.odcs.yaml': '../shared/more.odcs.yaml',
            'out.yaml': join(outside.path, 'secret.yaml'),
          }
          for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, 'products', name))
        },
      },
    )
    expect(report.problems.map(({ file }) => file)).toEqual(['products/gone.odcs.yaml', 'products/out.odcs.yaml'])
    expect(report.files.map(({ file }) => file)).toEqual(['products/contract.yaml', 'products/within.odcs.yaml'])
    expect(report.passedOver).toBe(1)
    expect(exitCodeOf(report, 'never')).toBe(2)
  })
})
