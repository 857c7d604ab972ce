/** The example products through the command line: what is found in each, no more and no less, and that every rule both fires and is passed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDataproductRules } from '../../src/app/dataproduct-policy.ts'
import type { TempFolder } from '../support/temp-folder.ts'
import { type Checked, checkCase, copyCase, corpus, documentFiles, placesOf } from './support/corpus.ts'

const folders: TempFolder[] = []
const checked = new Map<string, Checked>()

beforeAll(async () => {
  for (const each of corpus) {
    const folder = await copyCase(each)
    folders.push(folder)
    checked.set(each.name, await checkCase(folder.path, each))
  }
}, 300_000)
afterAll(() => Promise.all(folders.map((folder) => folder[Symbol.asyncDispose]())))

/** Beside the forty: on the vocabulary, waivers, control ports, and the policies of our profile. */
const others = /^(?:VOC|WVR|CTL|POL)-/u
const inUse = loadDataproductRules().map(({ id }) => id)
const outcomes = (id: string, conforms: boolean) =>
  corpus.filter((each) => each.conforms === conforms).map(({ name }) => checked.get(name)!.ruleStates[id])

describe('the example products', () => {
  test('are at least twelve, conforming and not', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(12)
    expect(corpus.filter(({ conforms }) => conforms).length).toBeGreaterThanOrEqual(6)
    expect(corpus.filter(({ conforms }) => !conforms).length).toBeGreaterThanOrEqual(6)
  })

  test.each(corpus)('$name has exactly the findings that are expected', ({ name, findings }) => {
    expect(placesOf(checked.get(name)!.findings)).toEqual(placesOf(findings))
  })

  test.each(corpus)(
    '$name ends with the exit code of its findings, and everything could be checked',
    ({ name, conforms, findings }) => {
      const { code, stderr } = checked.get(name)!
      expect({ code, stderr, found: findings.length > 0 }).toEqual({
        code: conforms ? 0 : 1,
        stderr: '',
        found: !conforms,
      })
    },
  )

  test.each(inUse.filter((id) => !/^(?:VOC|WVR|CTL)-/u.test(id)))(
    '%s fires in one that does not conform, and is passed in one that does',
    (id) => {
      expect(outcomes(id, false)).toContain('failed')
      expect(outcomes(id, true)).toContain('passed')
    },
  )

  test('all forty rules on products are asked', () => {
    expect(inUse.filter((id) => !others.test(id))).toHaveLength(40)
  })

  test('hold documents of every format', async () => {
    const kinds = await Promise.all(
      folders.map(async ({ path }) =>
        (await documentFiles(path)).map((file) => file.replace(/^.*?(\.[a-z]+)$/u, '$1')),
      ),
    )
    expect(new Set(kinds.flat())).toEqual(new Set(['.yaml', '.json']))
  })
})
