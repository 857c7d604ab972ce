/** The real conftest on the example products beside `portcullis check`: the same rules at the same places, but for those that need several documents. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDataproductRules } from '../../src/app/dataproduct-policy.ts'
import { readDocuments } from '../../src/dataproduct/read-document.ts'
import { checkSchema } from '../../src/dataproduct/schema/check-schema.ts'
import { ensureTool } from '../support/ensure-tool.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import type { TempFolder } from '../support/temp-folder.ts'
import {
  type Case,
  type Checked,
  checkCase,
  copyCase,
  corpus,
  documentFiles,
  type Place,
  placesOf,
} from './support/corpus.ts'

type Message = { readonly msg: string; readonly metadata: Omit<Place, 'file'> & { readonly file?: string } }
type Tested = {
  readonly filename: string
  readonly namespace: string
  readonly failures?: readonly Message[]
  readonly warnings?: readonly Message[]
}
type Compared = Case & { readonly folder: TempFolder; readonly emitted: TempFolder; readonly checked: Checked }

let compared: readonly Compared[]
/** What conftest says of each file by itself, by the name of the case. */
let alone: ReadonlyMap<string, readonly Place[]>

async function conftest<Answer>(args: readonly string[], cwd = repositoryFolder): Promise<Answer> {
  const program = await ensureTool('conftest')
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(program, args, { cwd, maxBuffer: 64 * 1_048_576 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout: out, stderr: err }),
    )
  })
  if (code !== 0 && code !== 1) throw new Error(`conftest ${args.join(' ')}: ${code} ${stderr}`)
  return JSON.parse(stdout) as Answer
}

function places(tested: readonly Tested[], fileOf: (filename: string) => string): readonly Place[] {
  return tested.flatMap(({ filename, failures = [], warnings = [] }) =>
    [...failures, ...warnings].map(({ metadata: { rule, path, file } }) => ({
      rule,
      path,
      file: file ?? fileOf(filename),
    })),
  )
}

/** With the committed conftest.toml, whose folders begin at the root of the repository. */
async function testAlone(cases: readonly Compared[]): Promise<ReadonlyMap<string, readonly Place[]>> {
  const files = await Promise.all(cases.map(async ({ folder }) => pathsOf(folder.path)))
  const tested = await conftest<readonly Tested[]>(['test', '--output', 'json', ...files.flat()])
  expect(new Set(tested.map(({ namespace }) => namespace))).toEqual(new Set(['dataproduct']))
  return new Map(
    cases.map(({ name, folder: { path } }) => [
      name,
      placesOf(
        places(
          tested.filter(({ filename }) => filename.startsWith(path + sep)),
          (filename) => relative(path, filename).split(sep).join('/'),
        ),
      ),
    ]),
  )
}

async function pathsOf(folder: string): Promise<readonly string[]> {
  return (await documentFiles(folder)).map((file) => join(folder, file))
}

const policies = [
  ...['--policy', join(repositoryFolder, 'policies/dataproduct'), '--data', join(repositoryFolder, 'policies')],
  ...['--namespace', 'dataproduct', '--output', 'json'],
]

/** What `--emit-input` wrote: the documents together, and the change. */
async function testTogether({ emitted, changes }: Compared): Promise<readonly Place[]> {
  const documents = join(emitted.path, 'documents')
  const combine = ['test', '--combine', ...policies]
  const tree = await conftest<readonly Tested[]>([...combine, ...(await documentFiles(documents))], documents)
  const change = changes ? await conftest<readonly Tested[]>([...combine, 'change.json'], emitted.path) : []
  return places([...tree, ...change], (filename) => filename)
}

/** Of the schemas, which are ours alone. */
async function schemaPlaces(folder: string): Promise<readonly Place[]> {
  const found = await Promise.all(
    (await documentFiles(folder)).map(async (file) => {
      const { documents, findings } = readDocuments({ file, bytes: await readFile(join(folder, file)) })
      return [...findings, ...documents.filter(({ kind }) => kind !== 'waivers').flatMap(checkSchema)]
    }),
  )
  return placesOf(found.flat())
}

const inRego = new Map(
  loadDataproductRules()
    .filter(({ id, scope }) => scope !== 'check' && !/^(?:WVR|CTL)-/u.test(id))
    .map((rule) => [rule.id, rule]),
)
const keyOf = (place: Place) => JSON.stringify(place)
const without = (some: readonly Place[], others: readonly Place[]) => {
  const known = new Set(others.map(keyOf))
  return some.filter((place) => !known.has(keyOf(place)))
}
/** Of rules in Rego; what only the schema says is left out. */
async function ofRules({ checked, folder, name }: Compared): Promise<readonly Place[]> {
  const bySchema = without(await schemaPlaces(folder.path), alone.get(name)!)
  return without(placesOf(checked.findings.filter(({ rule }) => inRego.has(rule))), bySchema)
}

beforeAll(async () => {
  const cases: Compared[] = []
  for (const each of corpus) {
    const [folder, emitted] = [await copyCase(each), await copyCase({ name: each.name, changes: false })]
    const checked = await checkCase(folder.path, each, '--emit-input', emitted.path)
    cases.push({ ...each, folder, emitted, checked })
  }
  compared = cases
  alone = await testAlone(compared)
}, 600_000)
afterAll(() =>
  Promise.all(compared.flatMap(({ folder, emitted }) => [folder, emitted]).map((each) => each[Symbol.asyncDispose]())),
)

describe('conftest on the example products', () => {
  test('reads every file as we do', async () => {
    for (const { folder, name } of compared)
      for (const file of await documentFiles(folder.path)) {
        const parsed = await conftest<unknown>(['parse', join(folder.path, file)])
        const { documents } = readDocuments({ file, bytes: await readFile(join(folder.path, file)) })
        const values = documents.map(({ value }) => value)
        expect({ name, file, values: parsed }).toEqual({
          name,
          file,
          values: values.length === 1 ? values[0] : values,
        })
      }
  }, 300_000)

  test.each(corpus)('$name: each document by itself has the same findings of rules on a document', async ({ name }) => {
    const each = compared.find((one) => one.name === name)!
    const excluded = new Set((await excludedRules()).keys())
    const onDocuments = (all: readonly Place[]) => all.filter(({ rule }) => !excluded.has(rule))
    expect(onDocuments(alone.get(name)!)).toEqual(onDocuments(await ofRules(each)))
  })

  test.each(corpus)(
    '$name: with the documents together and the change, all findings are the same',
    async ({ name }) => {
      const each = compared.find((one) => one.name === name)!
      expect(placesOf([...alone.get(name)!, ...(await testTogether(each))])).toEqual(await ofRules(each))
    },
    60_000,
  )

  test('leaves out the findings of exactly the rules of conftest-excluded.txt, as long as each document is by itself', async () => {
    const left = await Promise.all(
      compared.map(async (each) => without(await ofRules(each), alone.get(each.name)!).map(({ rule }) => rule)),
    )
    expect([...new Set(left.flat())].sort()).toEqual([...(await excludedRules()).keys()])
  })

  test('leaves out by scope what conftest-excluded.txt says', async () => {
    for (const [id, { scope, also }] of await excludedRules())
      if (!also) expect({ id, scope: inRego.get(id)?.scope }).toEqual({ id, scope })
    const byScope = [...inRego.values()].filter(({ scope }) => scope !== 'document').map(({ id }) => id)
    expect([...(await excludedRules()).keys()]).toEqual(expect.arrayContaining(byScope))
  })

  test('warns that the vocabulary is missing when the data is not given', async () => {
    const [{ folder }] = compared as [Compared]
    const args = ['test', '--policy', join(repositoryFolder, 'policies/dataproduct'), '--namespace', 'dataproduct']
    const tested = await conftest<readonly Tested[]>(
      [...args, '--output', 'json', ...(await pathsOf(folder.path))],
      folder.path,
    )
    for (const { filename, warnings = [] } of tested)
      expect({ filename, rules: warnings.map(({ metadata: { rule } }) => rule) }).toEqual({
        filename,
        rules: expect.arrayContaining(['VOC-01']),
      })
  })
})

/** Lines are `<rule> <scope>`, and in brackets where only part of the findings is left out. */
async function excludedRules() {
  const text = await readFile(join(repositoryFolder, 'conftest-excluded.txt'), 'utf8')
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, id = line, scope, also] = /^(\S+) (tree|change)( \(.*\))?$/u.exec(line) ?? []
        return [id, { scope, also: also !== undefined }] as const
      }),
  )
}
