import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileBytesMax } from '../../src/dataproduct/read-tree.ts'
import { exitCodeOf } from '../../src/dataproduct/report.ts'
import { placesIn, useTestPolicy } from './support/check.ts'
import { badContract, folderOf, goodContract, goodProduct } from './support/documents.ts'

const { check } = useTestPolicy()

const aliasBomb = `kind: DataContract
a: &a [x, x, x, x, x, x, x, x, x]
${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`).join('\n')}
`

describe('checking a tree', () => {
  test('documents in order have no findings, and the rules that passed are counted', async () => {
    const report = await check({ 'contract.yaml': goodContract, 'product.yaml': goodProduct })
    expect({ found: placesIn(report), problems: report.problems }).toEqual({ found: [], problems: [] })
    expect(report.states).toMatchObject({
      'OWN-01': 'passed',
      'REF-01': 'passed',
      'CHG-01': 'notEvaluated',
      'WVR-01': 'notEvaluated',
    })
  })

  test('each finding has its rule, place, remedy and regulation', async () => {
    const report = await check({ 'hr/contract.yaml': badContract })
    expect(placesIn(report)).toEqual([
      'DES-01 hr/contract.yaml:1:1',
      'CLS-01 hr/contract.yaml:15:15',
      'CLS-01 hr/contract.yaml:17:15',
    ])
    expect(report.findings.find(({ message }) => message.startsWith('salary'))).toMatchObject({
      rule: 'CLS-01',
      severity: 'error',
      message: 'salary has no classification.',
      path: ['schema', 0, 'properties', 1, 'name'],
      file: 'hr/contract.yaml',
      line: 17,
      remedy: 'Mend CLS-01.',
      regulation: ['GDPR 5(2)'],
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  test('a rule over all documents names the file, the place and what is related', async () => {
    const report = await check({ 'product.yaml': goodProduct })
    expect(placesIn(report)).toEqual(['REF-01 product.yaml:16:17'])
    expect(report.files[0]?.rules).toMatchObject({ 'REF-01': 'failed', 'OWN-01': 'passed' })
    expect(report.findings.find(({ rule }) => rule === 'REF-01')?.related).toEqual([
      {
        file: 'product.yaml',
        line: 3,
        column: expect.any(Number),
        endLine: 3,
        endColumn: expect.any(Number),
        message: 'the product',
      },
    ])
  })

  test('fingerprints stay when lines move and items change places, and differ from one another', async () => {
    const before = await check({ 'contract.yaml': badContract })
    const moved = badContract
      .replace('      - name: employee_id\n        logicalType: string\n', '')
      .replace('schema:', '# moved\n\nschema:')
      .concat('      - name: employee_id\n        logicalType: string\n')
    const after = await check({ 'contract.yaml': moved })
    const printsOf = (report: typeof before) =>
      report.findings.map(({ message, fingerprint }) => `${message} ${fingerprint}`).sort()
    expect(printsOf(after)).toEqual(printsOf(before))
    expect(after.findings.map(({ line }) => line)).not.toEqual(before.findings.map(({ line }) => line))
    expect(new Set(printsOf(after)).size).toBe(after.findings.length)
  })

  test('a file with several documents is checked document by document', async () => {
    const report = await check({ 'all.yaml': `${goodContract}---\n${badContract}` })
    expect(placesIn(report).map((text) => text.split(' ')[0])).toEqual(['DES-01', 'CLS-01', 'CLS-01'])
    expect(Math.min(...report.findings.map(({ line }) => line))).toBeGreaterThan(18)
    expect(report.files[0]).toMatchObject({ file: 'all.yaml', kinds: ['odcs', 'odcs'], status: 'checked' })
  })
})

describe('when things are wrong', () => {
  test.each([
    ['not YAML', 'kind: DataContract\n  id: [', 'INT-01'],
    ['an alias bomb', aliasBomb, 'INT-01'],
    ['deep nesting', `kind: DataContract\nx: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`, 'INT-01'],
    ['a tag of another language', 'kind: DataContract\nx: !!js/function "f"\n', 'INT-01'],
    ['a version that does not exist', goodContract.replace('v3.1.0', 'v9.9.9'), 'INT-01'],
    ['a duplicate key', goodContract.replace('name: employees\n', 'name: employees\nname: twice\n'), 'INT-01'],
  ])('%s is a finding, and the other files are checked', async (_, text, rule) => {
    const report = await check({ 'broken.yaml': text, 'contract.yaml': badContract })
    expect(report.findings.filter(({ file }) => file === 'broken.yaml').map((finding) => finding.rule)).toContain(rule)
    expect(placesIn(report).filter((each) => each.startsWith('CLS-01'))).toHaveLength(2)
  })

  test.each([
    ['empty', ''],
    ['binary', Uint8Array.from([0, 255, 254, 1, 2, 3])],
    ['of another kind', 'services: {web: {image: x}}\n'],
  ])('a file that is %s is passed over in a folder, and refused when it is named', async (_, content) => {
    const passed = await check({ 'other.yaml': content, 'contract.yaml': goodContract })
    expect(passed).toMatchObject({ passedOver: 1, problems: [] })
    const named = await check({ 'other.yaml': content }, { paths: ['other.yaml'] })
    expect(exitCodeOf(named, 'error')).toBeGreaterThan(0)
    expect([...named.problems.map(({ file }) => file), ...named.findings.map(({ file }) => file)]).toEqual([
      'other.yaml',
    ])
  })

  test('a file whose name promises a contract, and whose content is none, is a finding', async () => {
    const report = await check({ 'employees.odcs.yaml': 'kind: DataContrakt\n' })
    expect(report.findings).toMatchObject([{ rule: 'INT-01', file: 'employees.odcs.yaml', line: 1 }])
  })

  test('a folder without any document could not be checked', async () => {
    const report = await check({ 'README.md': '# no', 'values.yaml': 'a: 1\n' })
    expect(report.problems).toEqual([{ message: expect.stringContaining('2 files passed over') }])
    expect(exitCodeOf(report, 'never')).toBe(2)
  })

  test('a path that does not exist could not be checked, and the others are', async () => {
    const report = await check({ 'contract.yaml': badContract }, { paths: ['nowhere.yaml', 'contract.yaml'] })
    expect(report.problems).toEqual([{ file: 'nowhere.yaml', message: expect.any(String) }])
    expect(placesIn(report)).toHaveLength(3)
  })

  test('a file too large to be read could not be checked, and the others are', async () => {
    const report = await check(
      { 'a.yaml': goodContract, 'contract.yaml': badContract },
      { prepare: (folder) => truncate(join(folder, 'a.yaml'), fileBytesMax + 1) },
    )
    expect(report.problems).toEqual([{ file: 'a.yaml', message: expect.stringContaining('larger than') }])
    expect(placesIn(report)).toHaveLength(3)
  })

  test('a rule that fails in one document leaves the other documents checked, and the file named', async () => {
    const report = await check({
      'a.yaml': goodContract.replace('name: employees\n', 'name: boom\n'),
      'contract.yaml': badContract,
    })
    expect(report.problems).toEqual([
      {
        file: 'a.yaml',
        message:
          'It could not be checked: a rule failed at dataproduct/rules/boom_01/boom_01.rego:18: var assignment conflict.',
      },
    ])
    expect(report.files.map(({ file, status }) => `${file} ${status}`)).toEqual([
      'a.yaml notChecked',
      'contract.yaml checked',
    ])
    expect(placesIn(report)).toHaveLength(3)
    expect(exitCodeOf(report, 'never')).toBe(2)
  })

  test('an engine that gives another shape, or crashes, never looks like no findings', async () => {
    const shapeless: readonly unknown[] = [
      undefined,
      { rules: { 'A-1': 'fine' }, findings: [] },
      { rules: { 'A-1': 'passed' } },
      { rules: { 'A-1': 'passed' }, findings: [{ rule: 'A-1', severity: 'grave', message: 'no' }] },
    ]
    for (const answer of shapeless) {
      const report = await check({ 'contract.yaml': goodContract }, { engine: { evaluate: () => answer as never } })
      expect(exitCodeOf(report, 'never')).toBe(2)
    }
    for (const answer of [{}, { rules: {}, findings: [] }])
      await expect(
        check({ 'contract.yaml': goodContract }, { engine: { evaluate: () => answer as never } }),
      ).rejects.toMatchObject({ code: 'bundle.refused' })
    const crashing = {
      evaluate: (): never => {
        throw new RangeError('out of stack')
      },
    }
    expect((await check({ 'contract.yaml': goodContract }, { engine: crashing })).problems).not.toEqual([])
  })

  test('links are followed within the folder and not out of it', async () => {
    await using outside = await folderOf({ 'secret.yaml': badContract })
    const report = await check(
      { 'contracts/contract.yaml': badContract },
      {
        prepare: async (folder) => {
          await symlink(join(outside.path, 'secret.yaml'), join(folder, 'out.yaml'))
          await symlink('contracts/contract.yaml', join(folder, 'in.yaml'))
          await symlink('.', join(folder, 'loop'))
        },
      },
    )
    expect(report.files.map(({ file }) => file)).toEqual(['contracts/contract.yaml', 'in.yaml'])
    expect(report.passedOver).toBe(2)
  })

  test('folders of packages and of git are left alone', async () => {
    const report = await check(
      { 'contract.yaml': goodContract },
      {
        prepare: async (folder) => {
          await mkdir(join(folder, 'node_modules/x'), { recursive: true })
          await writeFile(join(folder, 'node_modules/x/contract.yaml'), badContract)
        },
      },
    )
    expect(report.files.map(({ file }) => file)).toEqual(['contract.yaml'])
  })
})
