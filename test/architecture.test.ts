/** Imports point inward: app → services, cli, palisade → pipeline, http → ports → domain (design of the layout, ARCHITECTURE.md). */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const src = fileURLToPath(new URL('../src', import.meta.url))
const ports = ['audit', 'bus', 'catalogue', 'directory', 'formats', 'policy', 'readers', 'tokens'] as const

type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean }

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'))
  .sort()

const imports: readonly Import[] = files.flatMap((from) =>
  [
    ...readFileSync(join(src, from), 'utf8').matchAll(
      /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'|import\('(\.[^']+)'\)/gu,
    ),
  ].map((match) => ({
    from,
    to: relative(src, join(src, dirname(from), (match[2] ?? match[3])!)).replaceAll('\\', '/'),
    typeOnly: match[1] !== undefined,
  })),
)

const areaOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.')
const isPort = (area: string) => (ports as readonly string[]).includes(area)
/** `bus/kafka/x.ts` → `bus/kafka`; `bus/bus.ts` → undefined: the port itself. */
const adapterOf = (file: string) =>
  isPort(areaOf(file)) && file.split('/').length > 2 ? file.split('/').slice(0, 2).join('/') : undefined
const violations = (broken: (one: Import) => boolean) => imports.filter(broken).map(({ from, to }) => `${from} → ${to}`)

describe('the architecture', () => {
  test('is looked at whole', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(imports.length).toBeGreaterThan(100)
    expect(imports.filter(({ to }) => !files.includes(to))).toEqual([])
  })

  test('domain imports nothing outside itself', () => {
    expect(violations(({ from, to }) => areaOf(from) === 'domain' && areaOf(to) !== 'domain')).toEqual([])
  })

  test('a port and its adapters import their own port, domain, and clients of remote stores, never another port', () => {
    expect(
      violations(({ from, to }) => isPort(areaOf(from)) && ![areaOf(from), 'domain', 'remote'].includes(areaOf(to))),
    ).toEqual([])
  })

  test('a port does not know its adapters', () => {
    expect(
      violations(
        ({ from, to }) => isPort(areaOf(from)) && adapterOf(from) === undefined && adapterOf(to) !== undefined,
      ),
    ).toEqual([])
  })

  test('an adapter is named from app/ only, and from nowhere beside itself', () => {
    // masks are values' own arithmetic, and the embeddable engine is a library of its own: both are shared by name within policy/
    const within = (from: string, to: string) =>
      areaOf(from) === areaOf(to) &&
      (adapterOf(from) === adapterOf(to) || areaOf(from) === 'policy' || areaOf(from) === 'formats')
    // what others import as `portcullis/policy`, the tools may import as well
    const published = (to: string) => to === 'policy/opa-wasm/index.ts'
    const isTool = (from: string) => ['bundles', 'dataproduct', 'cli'].includes(areaOf(from))
    expect(
      violations(
        ({ from, to }) =>
          adapterOf(to) !== undefined &&
          areaOf(from) !== 'app' &&
          !within(from, to) &&
          !(published(to) && isTool(from)),
      ),
    ).toEqual([])
  })

  const allowed: Readonly<Record<string, readonly string[]>> = {
    domain: ['domain'],
    remote: ['remote', 'domain'],
    pipeline: ['pipeline', 'domain', ...ports],
    http: ['http', 'domain', 'services', ...ports],
    services: ['services', 'pipeline', 'domain', ...ports],
    palisade: ['palisade', 'http', 'services', 'domain', ...ports],
    impact: ['impact', 'domain', ...ports],
    bundles: ['bundles', 'dataproduct', 'domain', 'policy'],
    dataproduct: ['dataproduct', 'domain', 'policy'],
    cli: ['cli', 'app', 'bundles', 'dataproduct', 'domain', 'impact', 'policy'],
    '.': ['services', 'domain'],
  }
  test.each(Object.entries(allowed))('%s imports what lies inward of it', (area, inward) => {
    expect(violations(({ from, to }) => areaOf(from) === area && !inward.includes(areaOf(to)))).toEqual([])
  })

  test('the edges know services by their interface alone', () => {
    expect(
      violations(
        ({ from, to }) =>
          ['http', 'palisade'].includes(areaOf(from)) && areaOf(to) === 'services' && to !== 'services/api.ts',
      ),
    ).toEqual([])
  })

  test('services do not import one another, but for their interface', () => {
    const service = (file: string) => file.split('/')[1]
    expect(
      violations(
        ({ from, to }) =>
          areaOf(from) === 'services' &&
          areaOf(to) === 'services' &&
          to !== 'services/api.ts' &&
          service(from) !== service(to),
      ),
    ).toEqual([])
  })

  test('no file imports itself by way of others', () => {
    const next = new Map(
      files.map((file) => [
        file,
        imports.filter(({ from, typeOnly }) => from === file && !typeOnly).map(({ to }) => to),
      ]),
    )
    const cycles: string[] = []
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      else if (!done.has(file)) {
        for (const to of next.get(file) ?? []) visit(to, [...path, file])
        done.add(file)
      }
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })

  test('every file opens with a sentence that says what it is', () => {
    expect(files.filter((file) => !/^(#!.*\n)?\/\*\*/u.test(readFileSync(join(src, file), 'utf8')))).toEqual([])
  })
})
