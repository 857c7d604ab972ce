/** Schema violations as findings: where they stand, and what they say. */
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/dataproduct/finding.ts'
import { readDocuments } from '../../../src/dataproduct/read-document.ts'
import { checkSchema } from '../../../src/dataproduct/schema/check-schema.ts'
import { corpus } from './corpus.ts'

const contract = 'apiVersion: v3.1.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n'
const product = 'apiVersion: v1.0.0\nkind: DataProduct\nid: p\nstatus: active\n'

function check(text: string): readonly Finding[] {
  const { documents, findings } = readDocuments({ file: 'a.yaml', text })
  expect(findings).toEqual([])
  return documents.flatMap(checkSchema)
}

function brief(text: string): readonly string[] {
  return check(text)
    .map(({ line, column, severity, path, message }) => `${line}:${column} ${severity} ${path.join('/')}: ${message}`)
    .sort()
}

describe('a document against the schema of its own version', () => {
  it.each(
    Object.entries(corpus).flatMap(([name, documents]) => documents.map((value, index) => ({ name, index, value }))),
  )('finds nothing in document $index of $name', ({ value }) => {
    const { documents } = readDocuments({ file: 'a.json', text: JSON.stringify(value) })
    expect(documents.flatMap(checkSchema).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('tells every part of a finding', () => {
    expect(check(`${contract}versoin: 2\n`)).toEqual([
      {
        rule: 'INT-01',
        severity: 'error',
        message: '`versoin` is no key that the document may have: did you mean `version`?',
        path: ['versoin'],
        file: 'a.yaml',
        line: 6,
        column: 1,
        endLine: 6,
        endColumn: 8,
        remedy: 'Write `version`.',
        regulation: [],
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      },
    ])
  })

  it.each([
    {
      what: 'an unknown version names those that are known',
      text: contract.replace('v3.1.0', 'v9.0.0'),
      found: [
        '1:13 error apiVersion: `apiVersion` is none that is known, so the document was not compared with its standard',
      ],
    },
    {
      what: 'a missing version is at the first key',
      text: 'kind: DataContract\n',
      found: [
        '1:1 error apiVersion: `apiVersion` is missing, so it is not known which version of the standard the document follows',
      ],
    },
    {
      what: 'a missing key is at the nearest parent',
      text: `${contract}roles:\n  - access: read\n`,
      found: ['7:5 error roles/0/role: `roles[0]` lacks `role`'],
    },
    {
      what: 'a value of another type says what it is',
      text: `${contract}tags: x\n`,
      found: ['6:7 error tags: `tags` has to be a list, but is text'],
    },
    {
      what: 'a key of another type of server has no place',
      text: `${contract}servers:\n  - server: k\n    type: kafka\n    host: h\n    location: https://x.example\n`,
      found: ['10:5 error servers/0/location: `location` has no place in `servers[0]` as the rest of it stands'],
    },
    {
      what: 'a wrong word says which was meant',
      text: `${contract}schema:\n  - name: o\n    logicalType: objcet\n`,
      found: [
        '8:18 error schema/0/logicalType: `schema[0].logicalType` has to be one of `object`, `blob`: did you mean `object`?',
      ],
    },
    {
      what: 'two operators are one finding',
      text: `${contract}schema:\n  - name: o\n    quality:\n      - metric: rowCount\n        mustBe: 1\n        mustNotBe: 2\n`,
      found: [
        '9:9 error schema/0/quality/0: `schema[0].quality[0]` has more than one of `mustBe`, `mustBeGreaterThan` and the like',
      ],
    },
    {
      what: 'a wrong operand is one finding at the operand',
      text: `${contract}schema:\n  - name: o\n    quality:\n      - metric: rowCount\n        mustBeGreaterThan: x\n`,
      found: [
        '10:28 error schema/0/quality/0/mustBeGreaterThan: `schema[0].quality[0].mustBeGreaterThan` has to be a number, but is text',
      ],
    },
    {
      what: 'a reference that is none says how to form one',
      text: `${contract}schema:\n  - name: o\n    relationships:\n      - from: a\n        to: a.b\n`,
      found: [
        '9:15 error schema/0/relationships/0/from: `schema[0].relationships[0].from` has to be a reference: `object.column`, or a path of ids such as `schema/orders/properties/id`',
      ],
    },
    {
      what: 'an empty value says so',
      text: `${contract}name:\n`,
      found: ['6:6 error name: `name` has to be text, but is empty'],
    },
    {
      what: 'a management port with content control needs its address',
      text: `${product}managementPorts:\n  - name: m\n    content: control\n`,
      found: ['6:5 error managementPorts/0/url: `managementPorts[0]` lacks `url`'],
    },
    {
      what: 'a convention has its shape',
      text: `${product}customProperties:\n  - property: agentPolicy\n    value: free text\n`,
      found: ['7:12 error customProperties/0/value: `agentPolicy` has to be a mapping, but is text'],
    },
    {
      what: 'a convention that is misspelt is a warning',
      text: `${product}customProperties:\n  - property: accesPolicy\n    value: x\n  - property: ourOwn\n    value: x\n`,
      found: [
        '6:15 warning customProperties/0/property: `accesPolicy` is no property that a rule looks at: did you mean `accessPolicy`?',
      ],
    },
    {
      what: 'the profile has no unknown keys either',
      text: 'dataProduct:\n  name: x\n  outputPorts:\n    - name: a\n      acessPolicy: {package: a.b}\n',
      found: [
        '5:7 error dataProduct/outputPorts/0/acessPolicy: `acessPolicy` is no key that `dataProduct.outputPorts[0]` may have: did you mean `accessPolicy`?',
      ],
    },
    { what: 'documents of other kinds have no schema', text: 'whatever: 1\n', found: [] },
  ])('$what', ({ text, found }) => {
    expect(brief(text)).toEqual(found)
  })

  it('names the versions that are known', () => {
    expect(check(contract.replace('v3.1.0', 'v2.2.2'))[0]?.remedy).toBe(
      'Take one of `v3.0.0`, `v3.0.1`, `v3.0.2`, `v3.1.0`, `v3.2.0`.',
    )
  })

  it('shows the use of an anchor, and the definition as related place', () => {
    const [finding] = check(`${contract}roles:\n  - &one {role: a}\nteam:\n  members:\n    - *one\n`).filter(
      ({ path }) => path.at(-1) === 'username',
    )
    expect(finding).toMatchObject({ line: 10, column: 7, endColumn: 11, path: ['team', 'members', 0, 'username'] })
    const [typed] = check(`tags: &t text\n${contract}name: x\n`)
    expect(typed).toMatchObject({ line: 1, column: 10 })
    const [used] = check(`${contract}name: &n [1]\ndomain: *n\n`).filter(({ path }) => path[0] === 'domain')
    expect(used).toMatchObject({
      line: 7,
      column: 9,
      endColumn: 11,
      related: [{ file: 'a.yaml', line: 6, column: 10, endLine: 6, endColumn: 13 }],
    })
  })
})
