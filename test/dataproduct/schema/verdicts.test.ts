/** Our schemas are written from the standards; the standards' own files give the same verdict on every document here. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2019 as Ajv, type ValidateFunction } from 'ajv/dist/2019.js'
import { default as formats } from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import { schemas } from '../../../src/dataproduct/schema/schemas.ts'
import { corpus } from './corpus.ts'
import { mutations } from './mutations.ts'

const FETCH_TIMEOUT_MS = 180_000
const COMPARE_TIMEOUT_MS = 300_000
const MUTATIONS_MIN = 1_000
const SHOWN_MAX = 20

const officialNames = {
  'odcs-3.0': 'odcs-3.0.2',
  'odcs-3.1': 'odcs-3.1.0',
  'odcs-3.2': 'odcs-3.2.0',
  'odps-1.0': 'odps-1.0.0',
  'odps-1.1': 'odps-1.1.0',
} as const

function compiled(schema: object): ValidateFunction {
  const ajv = new Ajv({ strict: false, logger: false })
  formats.default(ajv)
  return ajv.compile(schema)
}

let folder: string

beforeAll(() => {
  folder = execFileSync('tools/official-schemas', { encoding: 'utf8', timeout: FETCH_TIMEOUT_MS }).trim()
}, FETCH_TIMEOUT_MS)

const names = Object.entries(officialNames) as [keyof typeof officialNames, string][]

describe.each(names)('%s', (name, officialName) => {
  it('takes its documents of the corpus', () => {
    const validate = compiled(schemas[name]())
    for (const document of corpus[name] ?? []) expect(validate(document) || validate.errors).toBe(true)
  })

  it(
    'has the verdict of the official schema on every mutation of the corpus',
    () => {
      const ours = compiled(schemas[name]())
      const official = compiled(JSON.parse(readFileSync(join(folder, `${officialName}.schema.json`), 'utf8')) as object)
      const different: string[] = []
      let mutated = 0
      let refused = 0
      for (const document of corpus[name] ?? []) {
        for (const { what, document: mutation } of mutations(document)) {
          const verdict = official(mutation)
          mutated += 1
          if (!verdict) refused += 1
          if (ours(mutation) !== verdict && different.length < SHOWN_MAX) {
            different.push(`${what}: official ${String(verdict)} ${JSON.stringify((verdict ? ours : official).errors)}`)
          }
        }
      }
      expect(different).toEqual([])
      expect(Math.min(mutated, refused, mutated - refused)).toBeGreaterThan(MUTATIONS_MIN)
    },
    COMPARE_TIMEOUT_MS,
  )
})
