/** What may be wrong with a file's text: each a finding with a place and a remedy, and never an exception. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileSizeMaxBytes } from '../../../src/dataproduct/decode-text.ts'
import { readDocuments } from '../../../src/dataproduct/read-document.ts'
import { aliasedNodesMax, aliasesMax } from '../../../src/dataproduct/yaml/composer.ts'

const head = 'kind: DataContract\n'

function brief(text: string | Uint8Array, file = 'a.yaml'): readonly string[] {
  const content = typeof text === 'string' ? { file, text } : { file, bytes: text }
  return readDocuments(content).findings.map(({ line, column, severity, path, message, remedy }) => {
    expect(remedy).not.toBe('')
    return `${line}:${column} ${severity} ${path.join('/')}: ${message}`
  })
}

function bomb(): string {
  const levels = Array.from(
    { length: 8 },
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(', ')}]`,
  )
  return `${head}a0: &a0 [x]\n${levels.join('\n')}\n`
}

describe('YAML', () => {
  it.each([
    ['an empty file', '', ['1:1 error : the file is empty']],
    ['white space', ' \n\n', ['1:1 error : the file is empty']],
    ['comments alone', '# a\n# b\n', ['1:1 error : the file has only comments']],
    ['documents without content', '---\n---\n', ['1:1 error : the file has only comments']],
    ['two colons', 'a: b: c', ['1:5 error : the indentation or a `:` is not as YAML has it here']],
    ['a tab', `${head}\ta: 1`, ['2:1 error : a tab stands where YAML allows only spaces']],
    ['open quotes', `${head}a: "x`, ['2:6 error : the quotes that open here are never closed']],
    ['an open bracket', `${head}a: [1, 2`, ['2:9 error : a list in `[ ]` or a mapping in `{ }` is not complete here']],
    ['an unknown escape', `${head}a: "\\q"`, ['2:6 error : this escape is unknown in double quotes']],
    [
      'a control character',
      `${head}a: \u0007`,
      ['2:4 error : a control character stands here that YAML does not allow'],
    ],
    [
      'a key twice',
      `${head}a: 1\na: 2\n`,
      ['3:1 error a: `a` stands here a second time; tools differ in which of the two they take'],
    ],
    [
      'a key twice, quoted',
      `${head}b:\n  - a: 1\n    "a": 2\n`,
      ['4:5 error b/0/a: `a` stands here a second time; tools differ in which of the two they take'],
    ],
    [
      'a merge key',
      `${head}x: &x {b: 1}\ny:\n  <<: *x\n`,
      [
        '4:3 error y: the merge key `<<` is refused: it belongs to YAML 1.1, and tools differ in whether they follow it',
      ],
    ],
    [
      'a tag of its own',
      `${head}a: !!js/function x`,
      ['2:4 error a: the tag `!!js/function` is refused: only those of YAML’s core schema have a meaning here'],
    ],
    ['a tag that lies', `${head}a: !!int x`, ['2:10 error a: `x` is not what its tag `!!int` says']],
    ['an unknown anchor', `${head}a: *x`, ['2:4 error a: `*x` refers to an anchor that does not stand before it']],
    [
      'an anchor within itself',
      `${head}a: &x [*x]`,
      ['2:8 error a/0: `*x` refers to a value that it is itself a part of'],
    ],
    [
      'a list as key',
      `${head}? [a]\n: 1`,
      ['2:3 error : a key is a list, a mapping or a reference, but has to be text'],
    ],
    ['no key', `${head}: 1`, ['2:2 error : a key is missing before the `:`']],
    [
      'an infinite number',
      `${head}a: .inf`,
      ['2:4 error a: `.inf` is no value that JSON knows, so no policy could see it'],
    ],
    [
      'half a character',
      `${head}a: "\\ud800"`,
      ['2:4 error a: half a character stands here: a surrogate without its other half'],
    ],
    [
      'nesting',
      `${head}a: ${'['.repeat(101)}${']'.repeat(101)}`,
      ['2:103 error : lists and mappings are nested deeper than 100 levels'],
    ],
    [
      'nesting through anchors',
      `${head}a: &a ${'['.repeat(60)}${']'.repeat(60)}\nb: ${'['.repeat(60)}*a${']'.repeat(60)}`,
      [`3:64 error b/${Array(60).fill(0).join('/')}: lists and mappings are nested deeper than 100 levels`],
    ],
    [
      'a number beyond 2^53',
      `${head}a: 12345678901234567890`,
      [
        '2:4 warning a: `12345678901234567890` is beyond what a number can hold exactly: tools round it, and not all alike',
      ],
    ],
    [
      'an older %YAML',
      `%YAML 1.1\n---\n${head}`,
      ['1:1 warning : `%YAML` names an older version, but the file is read as YAML 1.2'],
    ],
  ])('%s', (_, text, found) => {
    expect(brief(text)).toEqual(found)
  })

  it('refuses an alias bomb without taking long over it', () => {
    const { documents, findings } = readDocuments({ file: 'a.yaml', text: bomb() })
    expect(documents).toEqual([])
    expect(findings.map(({ message }) => message)).toEqual([
      `references make the document larger by more than ${aliasedNodesMax} values`,
    ])
  })

  it('limits the number of references', () => {
    const text = `${head}x: &x 1\nl: [${Array(aliasesMax + 1)
      .fill('*x')
      .join(', ')}]\n`
    expect(brief(text)).toEqual([expect.stringContaining(`refers to anchors more than ${aliasesMax} times`)])
    expect(brief(text.replace('*x, ', ''))).toEqual([])
  })

  it.each([
    ['yes', '"yes"', 'is text here, but `true`'],
    ['y', '"y"', 'is text here, but `true`'],
    ['off', '"off"', 'is text here, but `false`'],
    ['012', '12', 'is the number 12 here, but an octal number'],
    ['089', '89', 'is the number 89 here, but text or another number'],
    ['0o17', '15', 'is the number 15 here, but text or another number'],
    ['0b11', '"0b11"', 'is text here, but a binary number'],
    ['12:30', '"12:30"', 'is text here, but a number to the base of 60'],
    ['2024-01-31', '"2024-01-31"', 'is text here, but a date'],
    ['2024-01-31T10:00:00Z', '"2024-01-31T10:00:00Z"', 'is text here, but a date'],
    ['1_000', '"1_000"', 'is text here, but a number'],
    ['1e3', '1000', 'is the number 1000 here, but text or another number'],
  ])('warns of %s, which YAML 1.1 reads otherwise', (source, value, message) => {
    const { documents, findings } = readDocuments({ file: 'a.yaml', text: `${head}a: ${source}\n` })
    expect(documents[0]?.value).toEqual({ kind: 'DataContract', a: JSON.parse(value) as unknown })
    expect(findings).toMatchObject([
      { severity: 'warning', path: ['a'], message: expect.stringContaining(message) as string },
    ])
    expect(brief(`${head}a: "${source}"\n`)).toEqual([])
  })

  it.each([
    'true',
    'null',
    '~',
    '12',
    '-1.5',
    '0x1F',
    'a_b',
    '1_abc',
    'yesterday',
    'v1.0.0',
    '1.0.0',
    '10:99',
    'no-one',
  ])('says nothing of %s', (source) => {
    expect(brief(`${head}a: ${source}\n`)).toEqual([])
  })

  it('warns at most so often, and says how many are left', () => {
    const found = brief(`${head}l: [${Array(200).fill('yes').join(', ')}]\n`)
    expect(found).toHaveLength(51)
    expect(found.at(-1)).toContain('and 150 more places like these')
  })

  it('keeps the documents beside one that is wrong', () => {
    const { documents, findings } = readDocuments({
      file: 'a.yaml',
      text: `${head}---\n${head}a: 1\na: 2\n---\n${head}b: 1\n`,
    })
    expect(documents.map(({ index, value }) => ({ index, value }))).toEqual([
      { index: 0, value: { kind: 'DataContract' } },
      { index: 2, value: { kind: 'DataContract', b: 1 } },
    ])
    expect(findings).toHaveLength(1)
    expect(findings[0]?.related).toEqual([
      { file: 'a.yaml', line: 4, column: 1, endLine: 4, endColumn: 2, message: 'the first one' },
    ])
  })

  it('follows merge keys where that is asked for', () => {
    const text = `${head}x: &x {b: 1, c: 2}\ny:\n  <<: [*x, {d: 4}]\n  c: 3\n`
    const [document] = readDocuments({ file: 'a.yaml', text, mergeKeys: true }).documents
    expect(document?.value).toMatchObject({ y: { b: 1, c: 3, d: 4 } })
    expect(document?.locate(['y', 'b'])).toEqual({
      range: { line: 4, column: 8, endLine: 4, endColumn: 10 },
      exact: true,
      definition: { line: 2, column: 11, endLine: 2, endColumn: 12 },
    })
  })

  it('keeps __proto__ as a key like any other', () => {
    const [document] = readDocuments({ file: 'a.yaml', text: `${head}__proto__: {polluted: true}\n` }).documents
    expect(Object.keys(document?.value as object)).toEqual(['kind', '__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('JSON', () => {
  it.each([
    ['an empty file', '', ['1:1 error : the file is empty']],
    [
      'a key twice',
      '{"a": 1,\n "a": 2}',
      ['2:2 error a: `a` stands here a second time; tools differ in which of the two they take'],
    ],
    ['a comma at the end', '{"a": 1,}', ['1:9 error : JSON has no comma before `}`']],
    ['NaN', '{"a": NaN}', ['1:7 error a: `NaN` is no value that JSON knows']],
    ['a file cut off', '{"a": [1', ['1:9 error a: the file ends before a `]` closes what is open']],
    ['single quotes', '{"a": \'x\'}', ['1:7 error a: JSON has no single quotes']],
    ['a comment', '{ // x\n}', ['1:3 error : a comment stands here; JSON has none']],
    ['no comma', '[1 2]', ['1:4 error : a comma or `]` has to stand here']],
    ['no colon', '{"a" 1}', ['1:6 error a: a `:` is missing behind the key `a`']],
    ['more than one value', '{} {}', ['1:4 error : something follows behind the end of the document']],
    [
      'an open text',
      '{"a": "x\n"}',
      ['1:7 error a: this text in quotes is not JSON: it is not closed on its line, or has an escape that JSON lacks'],
    ],
    [
      'a huge number',
      '{"kind": "DataContract", "a": 1e999}',
      ['1:31 error a: `1e999` is beyond what a number can hold'],
    ],
    [
      'nesting',
      `${'['.repeat(101)}${']'.repeat(101)}`,
      [`1:101 error ${Array(100).fill(0).join('/')}: lists and mappings are nested deeper than 100 levels`],
    ],
  ])('%s', (_, text, found) => {
    expect(brief(text, 'a.json')).toEqual(found)
  })

  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { documents, findings } = readDocuments({ file: 'a.json', text })
        expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
        expect(documents.map(({ value }) => JSON.stringify(value))).toEqual([JSON.stringify(JSON.parse(text))])
      }),
    )
  })
})

describe('bytes', () => {
  it.each([
    ['binary', Buffer.from([0, 1, 2]), ['1:1 error : the file is binary, not text']],
    ['UTF-16', Buffer.from([0xff, 0xfe, 0x61, 0]), ['1:1 error : the file is UTF-16']],
    ['Latin-1', Buffer.from('a: ä\nb: \xe4\n', 'latin1'), ['1:4 error : the file is not UTF-8 here']],
    [
      'a wrong byte behind a replacement character',
      Buffer.concat([Buffer.from('\ufeffa: \ufffd\nb: '), Buffer.from([0xe4, 10])]),
      ['2:4 error : the file is not UTF-8 here'],
    ],
    [
      'more than 10 MiB',
      Buffer.alloc(fileSizeMaxBytes + 1, 97),
      ['1:1 error : the file has 10.0 MiB, more than the 10.0 MiB that are read'],
    ],
  ])('%s', (_, bytes, found) => {
    expect(brief(bytes)).toEqual(found)
  })

  it('counts lines alike with a byte order mark, CR LF and CR', () => {
    const [document] = readDocuments({
      file: 'a.yaml',
      bytes: Buffer.from(`\ufeffkind: DataContract\r\na: 1\rb: ä😀\n`),
    }).documents
    expect(document?.value).toEqual({ kind: 'DataContract', a: 1, b: 'ä😀' })
    expect(document?.locate(['kind']).range).toEqual({ line: 1, column: 7, endLine: 1, endColumn: 19 })
    expect(document?.locate(['b']).range).toEqual({ line: 3, column: 4, endLine: 3, endColumn: 7 })
  })

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('a.yaml', 'a.json'), (bytes, file) => {
        const { documents, findings } = readDocuments({ file, bytes })
        expect(documents.length + findings.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
    const pieces = [
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '&x ',
      '*x',
      '|',
      '>',
      '#',
      '?',
      '!!str ',
      '<<',
      '---\n',
      '\t',
      '~',
      '1',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
        readDocuments({ file: 'a.yaml', text: parts.join('') })
      }),
      { numRuns: 2_000 },
    )
  })
})
