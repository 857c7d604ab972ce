/** `portcullis check` as a process: one file against `node -e 0`, 500 files against conftest with the same rules, and a contract of 5,000 fields. An argument names another build. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { starterFiles } from '../src/dataproduct/starter.ts'
import { ensureTool } from '../test/support/ensure-tool.ts'
import { distributionOf, report, round } from './support/statistics.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const portcullis = resolve(process.argv[2] ?? join(root, 'bin/portcullis'))
const files = 500
const fields = 5_000
const rounds = 9
const fewRounds = 5

const folder = mkdtempSync(join(tmpdir(), 'portcullis-check-bench-'))
const many = join(folder, 'many')
mkdirSync(many)
for (let index = 0; index < files / 2; index += 1)
  for (const [path, text] of starter(`product-${index}`, index)) writeFileSync(join(many, path), text)
const one = join(folder, 'one.yaml')
const [, contract] = starter('one', 900_000).map(([, text]) => text)
writeFileSync(one, contract!)
const large = join(folder, 'large.yaml')
writeFileSync(large, largeContract(contract!))

function starter(name: string, seed: number): readonly (readonly [string, string])[] {
  let id = seed * 10
  const newId = () => `00000000-0000-4000-8000-${String((id += 1)).padStart(12, '0')}`
  return starterFiles({ name, domain: 'hr', now: new Date('2026-06-01'), newId })
}

/** About two megabytes: descriptions are what contracts are long of. */
function largeContract(text: string): string {
  const at = text.indexOf('slaProperties:')
  const more = Array.from(
    { length: fields },
    (_, index) =>
      `      - name: field_${index}\n        logicalType: string\n        physicalType: string\n        description: ${'What this field says of the item. '.repeat(8)}\n        classification: internal\n`,
  )
  return `${text.slice(0, at)}${more.join('')}${text.slice(at)}`
}

function milliseconds(program: string, args: readonly string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  // findings are no matter here, but what was not done at all must not look fast
  if (status !== 0 && status !== 1) throw new Error(`${program} ${args.join(' ')}: ${status} ${stderr}`)
  return performance.now() - start
}

/** In turn, so that a busy machine slows both. */
function against(times: number, ours: () => number, theirs: () => number) {
  const figures: [number, number][] = []
  ours()
  theirs()
  for (let round = 0; round < times; round += 1) figures.push([ours(), theirs()])
  const [left, right] = [distributionOf(figures.map(([each]) => each)), distributionOf(figures.map(([, each]) => each))]
  return { ms: round(left.min), 'compared with, ms': round(right.min), ratio: round(left.min / right.min) }
}

try {
  const conftest = await ensureTool('conftest')
  const node = (...args: readonly string[]) => milliseconds(process.execPath, args)
  const check = (path: string) => node(portcullis, 'check', path)
  const rules = ['--policy', 'policies/dataproduct', '--data', 'policies', '--namespace', 'dataproduct', '--no-color']
  const rows = [
    {
      case: 'one file',
      with: 'node -e 0',
      'at most': 2.5,
      ...against(
        rounds,
        () => check(one),
        () => node('-e', '0'),
      ),
    },
    {
      case: `${files} files, all rules`,
      with: 'conftest test',
      'at most': 1,
      ...against(
        fewRounds,
        () => check(many),
        () => milliseconds(conftest, ['test', ...rules, many]),
      ),
    },
    {
      case: `a contract of ${fields} fields`,
      with: 'node -e 0',
      'at most': '1000 ms',
      ...against(
        fewRounds,
        () => check(large),
        () => node('-e', '0'),
      ),
    },
  ]
  report('check', rows, { statistic: 'the fastest of several runs in turn' })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
