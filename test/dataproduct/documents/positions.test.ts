/** Every part of a document is found where it stands in the text. */
import fc from 'fast-check'
import { CORE_SCHEMA, dump, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import type { Path, ProductDocument, Range } from '../../../src/dataproduct/document.ts'
import { readDocuments } from '../../../src/dataproduct/read-document.ts'
import type { Json } from '../../../src/domain/json.ts'

const value = fc.letrec<{ tree: Json; leaf: Json; list: Json; mapping: Json }>((tie) => ({
  leaf: fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '',
      ' ',
      'a: b',
      '# no',
      '- x',
      'two\nlines\n',
      '\n lead',
      'yes',
      'null',
      '1',
      '- ',
      '|',
      'é😀',
      "it's",
      'a "b"',
    ),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
  ),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  mapping: fc.dictionary(
    fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('a b', 'x: y', '1', 'no')),
    tie('tree'),
    { maxKeys: 4 },
  ) as fc.Arbitrary<Json>,
  tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('mapping')),
})).tree

const layouts = [
  {},
  { indent: 4 },
  { flowLevel: 0 },
  { flowLevel: 2 },
  { seqNoIndent: true },
  { forceQuotes: true },
  { quoteStyle: 'double' as const, flowLevel: 3 },
]

function slice(text: string, { line, column, endLine, endColumn }: Range): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return text.slice(starts[line - 1]! + column - 1, starts[endLine - 1]! + endColumn - 1)
}

function* paths(at: Json, path: Path = []): Generator<readonly [Path, Json]> {
  yield [path, at]
  if (typeof at !== 'object' || at === null) return
  if (Array.isArray(at))
    for (const [index, item] of (at as readonly Json[]).entries()) yield* paths(item, [...path, index])
  else for (const [key, child] of Object.entries(at)) yield* paths(child as Json, [...path, key])
}

/** The piece of text, indented as it was in the file. */
function reread(text: string, range: Range): unknown {
  const piece = `${' '.repeat(range.column - 1)}${slice(text, range)}`
  return piece.trim() === '' ? null : load(piece, { schema: CORE_SCHEMA })
}

function words(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function only(text: string, file = 'a.yaml'): ProductDocument {
  const { documents, findings } = readDocuments({ file, text })
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  return documents[0]!
}

describe('positions', () => {
  it('reads what js-yaml reads, and finds every value at text that reads back as that value', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(...layouts), (root, layout) => {
        const text = dump({ root }, { ...layout, lineWidth: 40 })
        const document = only(text)
        expect(document.value).toEqual(load(text, { schema: CORE_SCHEMA }))
        for (const [path, at] of paths(document.value)) {
          const { range, exact } = document.locate(path)
          expect(exact).toBe(true)
          const piece = slice(text, range)
          // What a block of text means depends on the lines around it; its words don't.
          if (/^[|>]/.test(piece)) expect(words(piece.replace(/^[|>][-+0-9]*/, ''))).toBe(words(String(at)))
          else expect(reread(text, range), piece).toEqual(at)
          const key = path.at(-1)
          if (typeof key === 'string') expect(String(reread(text, document.locateKey(path)))).toBe(key)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('finds every value of a JSON file at text that reads back as that value', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (root, indent) => {
        const text = JSON.stringify(root, undefined, indent)
        const document = only(text, 'a.json')
        for (const [path, at] of paths(document.value)) {
          expect(JSON.parse(slice(text, document.locate(path).range))).toEqual(at)
        }
      }),
    )
  })

  const text = [
    'a:',
    '  b: [1, {c: x}]',
    '  d: # nothing',
    '  e: |',
    '    text',
    '',
    '  - no',
    '  f: &f',
    '    g: 1',
    'h: *f',
    'i:',
    '  - ',
    '  - j: 1',
    '    k: 2',
    '',
  ].join('\n')
  const document = only(text.replace('  - no\n', ''))

  it.each([
    { what: 'a value in flow style', path: ['a', 'b', 1, 'c'], range: [2, 14, 2, 15], exact: true },
    { what: 'a flow collection with its brackets', path: ['a', 'b'], range: [2, 6, 2, 17], exact: true },
    { what: 'an empty value behind its colon', path: ['a', 'd'], range: [3, 5, 3, 5], exact: true },
    { what: 'a block from its sign to its last line', path: ['a', 'e'], range: [4, 6, 5, 9], exact: true },
    { what: 'an empty item behind its dash', path: ['i', 0], range: [11, 4, 11, 4], exact: true },
    { what: 'a missing key at its parent’s key', path: ['a', 'zzz'], range: [1, 1, 1, 2], exact: false },
    {
      what: 'a missing path at the nearest key that is there',
      path: ['a', 'b', 7, 'x', 'y'],
      range: [2, 3, 2, 4],
      exact: false,
    },
    { what: 'a missing key of the document at its first key', path: ['zzz'], range: [1, 1, 1, 2], exact: false },
    { what: 'a missing key of an item at its first key', path: ['i', 1, 'zzz'], range: [12, 5, 12, 6], exact: false },
    {
      what: 'a path through text at the key of the text',
      path: ['i', 1, 'j', 'length'],
      range: [12, 5, 12, 6],
      exact: false,
    },
  ])('gives $what', ({ path, range: [line, column, endLine, endColumn], exact }) => {
    expect(document.locate(path as Path)).toEqual({ range: { line, column, endLine, endColumn }, exact })
  })

  it('gives the use of an anchor, and its definition beside', () => {
    const use = { line: 9, column: 4, endLine: 9, endColumn: 6 }
    expect(document.locate(['h'])).toEqual({
      range: use,
      exact: true,
      definition: { line: 8, column: 5, endLine: 8, endColumn: 9 },
    })
    expect(document.locate(['h', 'g'])).toEqual({
      range: use,
      exact: true,
      definition: { line: 8, column: 8, endLine: 8, endColumn: 9 },
    })
  })

  it('gives the key itself', () => {
    expect(document.locateKey(['a', 'b'])).toEqual({ line: 2, column: 3, endLine: 2, endColumn: 4 })
  })
})
