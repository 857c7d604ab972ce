/** Arguments for built-ins, made so that a good part of them means something: for comparing our answers with OPA's. */
import fc, { type Arbitrary } from 'fast-check'
import { formatTime } from '../../../src/policy/opa-wasm/builtins/go-time.ts'
import { namedLayouts } from '../../../src/policy/opa-wasm/builtins/go-time-layout.ts'
import { utc } from '../../../src/policy/opa-wasm/builtins/time-zones.ts'
import { objectOf, type Value } from '../../../src/policy/opa-wasm/value.ts'
import { numberOfText } from '../../../src/policy/opa-wasm/value-number.ts'

export type Arguments = Arbitrary<readonly Value[]>

const pick = <Item>(...items: readonly Item[]) => fc.constantFrom(...items)
const joined = (parts: Arbitrary<string>, minLength: number, maxLength: number, separator = '') =>
  fc.array(parts, { minLength, maxLength }).map((list) => list.join(separator))

const character = fc.oneof(
  { weight: 6, arbitrary: pick(...'abcxyzABZ019 _-./:,;!?@#$%&*+=~|') },
  pick('"', "'", '\\', '<', '>', '(', ')', '[', ']', '{', '}', '\n', '\t', '\r', '\0', '\u007f'),
  pick('é', 'ß', 'Ω', '中', '😀', '\u00a0', '\u2028', '\ufeff', '\u0301', '\ufffd', '\u0085'),
)
export const text = joined(character, 0, 12)
const shortText = joined(pick(...'abA1 é😀'), 0, 4)

const numberText = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  pick(
    '0.0',
    '-0',
    '1.0',
    '1.50',
    '1e2',
    '1E-2',
    '2.5e3',
    '0.1',
    '123.456',
    '1e21',
    '1e-7',
    '9007199254740993',
    '1e300',
  ),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
    .map((value) => String(value).replace('e+', 'e')),
)
export const number: Arbitrary<Value> = numberText.map(numberOfText)
const smallInteger: Arbitrary<Value> = fc.integer({ min: -5, max: 12 })
const scalar: Arbitrary<Value> = fc.oneof(text, number, fc.boolean(), fc.constant(null))

const object = (value: Arbitrary<Value>, keys: Arbitrary<string> = shortText) =>
  fc.array(fc.tuple(keys, value), { maxLength: 4 }).map((entries): Value => objectOf(entries))

const { json } = fc.letrec<{ json: Value }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('json'), { maxLength: 4 }),
    object(tie('json')),
  ),
}))

export { json }

/** Now and then an argument of any kind, where the built-in expects another. */
const mostly = (arbitrary: Arbitrary<Value>): Arbitrary<Value> => fc.oneof({ weight: 15, arbitrary }, json)
const args = (...each: readonly Arbitrary<Value>[]): Arguments => fc.tuple(...each.map(mostly))
const exactly = (...each: readonly Arbitrary<Value>[]): Arguments => fc.tuple(...each)

const verb = fc
  .tuple(
    joined(pick('#', '0', '+', '-', ' '), 0, 2),
    pick('', '', '', '3', '8', '*', '[1]', '[2]*'),
    pick('', '', '', '.', '.0', '.2', '.10', '.*'),
    pick('', '', '', '[1]', '[3]', '[x]'),
    pick(...'vvvddsssqxXobOcUTtfFeEgGbp!%é'),
  )
  .map((parts) => `%${parts.join('')}`)
const format = joined(fc.oneof(verb, shortText), 0, 4)

const zone = pick(
  '',
  'UTC',
  'Europe/London',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Nowhere/None',
  'EST',
  'America/St_Johns',
  'Asia/Tokyo',
)
const nanoseconds: Arbitrary<Value> = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 946_684_800_000_000_000n, max: 1_893_456_000_000_000_000n }),
    fc.integer({ min: -10, max: 10 }).map((days) => BigInt(days) * 86_400_000_000_000n),
  )
  .map((ns) => numberOfText(String(ns)))
const layoutPart = pick(
  '2006',
  '06',
  '01',
  '1',
  'Jan',
  'January',
  '02',
  '2',
  '_2',
  '002',
  '__2',
  '15',
  '03',
  '3',
  '04',
  '4',
  '05',
  '5',
  'PM',
  'pm',
  'MST',
  'Z07:00',
  '-0700',
  '-07',
  'Z0700',
  '-07:00:00',
  'Z07:00:00',
  '.000',
  '.999',
  ',000',
  '.000000000',
  'Mon',
  'Monday',
  ' ',
  '-',
  ':',
  'T',
  'x',
  '/',
)
const layout = fc.oneof(
  pick(
    'RFC3339',
    'RFC822',
    'RFC1123Z',
    'Kitchen',
    'ANSIC',
    'UnixDate',
    'StampNano',
    'RFC3339Nano',
    'RFC850',
    'RubyDate',
  ),
  joined(layoutPart, 1, 6),
)
const moment = fc.oneof(
  nanoseconds,
  fc.tuple(nanoseconds, zone).map((pair): Value => pair),
  fc.tuple(nanoseconds, zone, layout).map((triple): Value => triple),
)
const timeText = fc
  .tuple(
    fc.integer({ min: 1600, max: 2300 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
    pick('T', 't', ' '),
    fc.integer({ min: 0, max: 24 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 60 }),
    pick('', '.1', '.123456789', ',5', '.'),
    pick('Z', '+01:00', '-23:59', '+24:00', '+1:00', '', 'z'),
  )
  .map(([year, month, day, separator, hour, minute, second, fraction, offset]) => {
    const two = (value: number) => String(value).padStart(2, '0')
    return `${year}-${two(month)}-${two(day)}${separator}${two(hour)}:${two(minute)}:${two(second)}${fraction}${offset}`
  })

/** A layout, and a time that was written by it, with now and then a character changed. */
const formattedTime: Arguments = fc
  .tuple(layout, nanoseconds, pick('', '', '', '0', 'x', ' '), fc.nat(20))
  .map(([given, ns, change, at]) => {
    const written = formatTime({ ns: BigInt(String(ns)), zone: utc }, namedLayouts[given] ?? given)
    return [given, change === '' ? written : written.slice(0, at) + change + written.slice(at + 1)]
  })

const octet = fc.integer({ min: 0, max: 256 }).map(String)
const ipv4 = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.')) },
  pick('1.2.3', '01.2.3.4', '1.2.3.4.5'),
)
const group = pick('0', '1', 'ff', 'FFFF', 'abcd', '00ab', '12345')
const ipv6 = fc.oneof(
  joined(group, 8, 8, ':'),
  fc.tuple(joined(group, 0, 3, ':'), joined(group, 0, 3, ':')).map((halves) => halves.join('::')),
  pick('::', '::1', '::ffff:1.2.3.4', 'fe80::1%eth0', '2001:db8::'),
)
const address = fc.oneof(ipv4, ipv6)
const cidr = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 33 })).map((parts) => parts.join('/')),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 129 })).map((parts) => parts.join('/')),
  fc
    .tuple(pick('10.0.0.', '10.0.1.', '192.168.0.'), pick('0', '4', '8', '128'), fc.integer({ min: 20, max: 32 }))
    .map(([start, end, bits]) => `${start}${end}/${bits}`),
)
const smallCidr = fc
  .oneof(fc.tuple(ipv4, fc.integer({ min: 26, max: 32 })), fc.tuple(ipv6, fc.integer({ min: 122, max: 128 })))
  .map((parts) => parts.join('/'))
const cidrs = fc.oneof(
  cidr,
  address,
  fc.array(fc.oneof(cidr, address), { maxLength: 5 }),
  object(fc.oneof(cidr, fc.tuple(cidr, shortText)), shortText),
)

const urlPart = fc.oneof(
  joined(
    fc.oneof(
      pick(...'abc019-._~'),
      pick(
        '%20',
        '%2F',
        '%zz',
        '%',
        '+',
        ' ',
        '&',
        '=',
        ';',
        'é',
        '\\',
        '"',
        '<',
        '|',
        '^',
        '`',
        '#',
        '?',
        '/',
        ':',
        '@',
        '[',
        ']',
        '!',
        '$',
        ',',
      ),
    ),
    0,
    8,
  ),
)
const url = fc
  .tuple(
    pick('http:', 'https:', 'ftp:', 'mailto:', 'HTTP:', '1a:', '', ':', 'a+b-c.d:'),
    pick('//', '//', '//', '', '/', '///'),
    pick('', 'user@', 'u:p@', 'u%40:p@', 'a b@', '@'),
    fc.oneof(
      pick('example.com', '[::1]', '[fe80::1%25en0]', '[::1', '1.2.3.4', 'EXAMPLE', 'a%20b', 'exämple.com', 'a b', ''),
      urlPart,
    ),
    pick('', ':80', ':', ':x', ':99999'),
    fc.oneof(
      urlPart.map((part) => `/${part}`),
      urlPart,
    ),
    pick('', '?', '?a=b&c=%20', '?x y', '?a?b'),
    pick('', '#', '#f%20g', '#%zz', '#a#b'),
  )
  .map((parts) => parts.join(''))

/** Never the whole document: OPA 1.22 panics when that is removed. */
const pointer = fc.oneof(
  joined(pick('a', 'b', '0', '1', '-', '01', 'a~1b', '~0', ''), 1, 4, '/').map((path) => `/${path}`),
  joined(pick('a', 'b', '0', '1'), 1, 3, '/'),
  fc.array(pick<Value>('a', 'b', '0', 0, 1, null), { minLength: 1, maxLength: 3 }),
)
const patchable = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    pick<Value>(1, 'x', null),
    fc.array(tie('value'), { maxLength: 3 }),
    object(tie('value'), pick('a', 'b', '0', 'a/b', '~', '')),
  ),
})).value
const operation: Arbitrary<Value> = fc
  .record(
    {
      op: pick('add', 'remove', 'replace', 'move', 'copy', 'test', 'nop'),
      path: pointer,
      from: pointer,
      value: patchable,
    },
    { requiredKeys: ['op', 'path'] },
  )
  .map((members): Value => objectOf(Object.entries(members) as [string, Value][]))

const pattern = joined(
  pick(
    'a',
    'b',
    '.',
    '*',
    '+',
    '?',
    '|',
    '(',
    ')',
    '(?:',
    '(?P<n>',
    '(?i)',
    '[ab]',
    '[^a]',
    '^',
    '$',
    '\\d',
    '\\w',
    '\\b',
    '\\s',
    '{2}',
    '{1,2}',
    'é',
    '\\pL',
    '\\x41',
    '(?s)',
    '[[:alpha:]]',
  ),
  0,
  5,
)
const subject = joined(pick(...'aabbAB1 é\n😀_'), 0, 10)
const replacement = joined(
  pick('x', '$1', '${1}', '$n', '${n}', '$$', '$', '${', '$0', '$9', 'é', '\\1', '$1x', '$01'),
  0,
  4,
)
const globToken = joined(
  pick('a', 'b', 'c', '.', '[ab]', '[a-c]', '[b-d]', '*', '+', '\\*', '\\', ']', '[', '-', 'é'),
  0,
  6,
)

const amount = fc.oneof(
  numberText,
  pick(
    '1',
    '10',
    '0.5',
    '1.25',
    '.5',
    '1.',
    '-1',
    '+2',
    '1e3',
    '1E2',
    '',
    '1_0',
    '0x10',
    '1e1000',
    '12345678901234567890',
    '0.001',
  ),
)
const unit = pick(
  '',
  'm',
  'k',
  'K',
  'M',
  'Mi',
  'mi',
  'Ki',
  'ki',
  'KI',
  'G',
  'g',
  'gb',
  'GB',
  'GiB',
  'gib',
  'T',
  'Ti',
  'P',
  'Pi',
  'E',
  'Ei',
  'e',
  'b',
  'B',
  'kb',
  'KB',
  'x',
  ' k',
  'MB',
  'mb',
  'MIB',
  '"k"',
)
const quantity = fc.tuple(amount, unit).map((parts) => parts.join(''))

const versionPart = fc.oneof(
  { weight: 12, arbitrary: pick('0', '1', '2', '10') },
  pick('01', '99999999999999999999', 'x', ''),
)
const version = fc
  .tuple(
    pick('', '', 'v'),
    versionPart,
    versionPart,
    versionPart,
    pick('', '', '-alpha', '-alpha.1', '-1', '-2', '-alpha.beta', '-alpha.2', '-a.b.c', '-rc.2', '-rc.10', '-01', '-'),
    pick('', '', '+build', '+001', '+', '+a-b'),
  )
  .map(([prefix, major, minor, patch, before, build]) => `${prefix}${major}.${minor}.${patch}${before}${build}`)

const hexDigit = pick(...'0123456789abcdefABCDEF')
const uuid = fc
  .tuple(
    joined(hexDigit, 8, 8),
    joined(hexDigit, 4, 4),
    pick('1', '2', '3', '4', '5', '7', '0', 'f'),
    joined(hexDigit, 3, 3),
    joined(hexDigit, 4, 4),
    joined(hexDigit, 12, 12),
    pick('', '', 'urn:uuid:', '{', 'plain'),
  )
  .map(([a, b, v, c, d, e, form]) => {
    const dashed = `${a}-${b}-${v}${c}-${d}-${e}`
    if (form === 'plain') return dashed.replaceAll('-', '')
    return form === '{' ? `{${dashed}}` : form + dashed
  })

const durationText = joined(
  fc
    .tuple(
      pick('1', '1.5', '0', '.5', '100', '99999999999', '', '0.000000001', '3.'),
      pick('ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'd', 'w', 'y', 'x', ''),
    )
    .map((parts) => parts.join('')),
  0,
  3,
).chain((duration) => pick('', '', '-', '+').map((sign) => sign + duration))

const node = pick('a', 'b', 'c', 'd')
const graph = object(fc.oneof(fc.array(node, { maxLength: 3 }), fc.constant(null)), node)

const yamlPiece = pick(
  'a: 1',
  'b: [1, 2]',
  '- x',
  '  - y',
  '  c: d',
  '{e: f}',
  '"quoted\\n"',
  "'single'",
  'k: |\n  text\n  more',
  'k: >-\n  folded\n  text',
  '&anchor v',
  '*anchor',
  '<<: {m: 1}',
  '!!str 5',
  '!!int "5"',
  '~',
  'null',
  'true',
  'yes',
  'on',
  '0x1F',
  '0o17',
  '017',
  '1_000',
  '1.5e3',
  '.5',
  '.inf',
  '2001-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '---',
  '...',
  '# comment',
  '? a',
  ': b',
  '1: one',
  'true: t',
  '\t',
  'x: "a: b"',
  '- - 1',
  '[',
  '}',
  '@x',
  '%YAML 1.2',
  '0b11',
  '12345678901234567890',
  '123456789012345678901',
  '-0',
  '+1',
  '1.',
  '"\\u00e9"',
)
const yamlText = fc.oneof(joined(yamlPiece, 1, 4, '\n'), text)

const schemaType = pick('string', 'integer', 'number', 'object', 'array', 'boolean', 'null')
const thenKeyword = 'then'
const { schema } = fc.letrec<{ schema: Value; keywords: Value }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    pick<Value>(true, objectOf([['type', 'string']]), objectOf([])),
    tie('keywords'),
  ),
  keywords: fc
    .record(
      {
        type: fc.oneof<Arbitrary<Value>[]>(schemaType, fc.uniqueArray(schemaType, { minLength: 1, maxLength: 3 })),
        minimum: number,
        maximum: number,
        exclusiveMinimum: number,
        multipleOf: pick<Value>(1, 2, numberOfText('0.5'), 3),
        minLength: fc.nat(3),
        maxLength: fc.integer({ min: 3, max: 5 }),
        pattern: pick('^a', 'b$', '[0-9]+'),
        format: pick(
          'date',
          'time',
          'date-time',
          'ipv4',
          'ipv6',
          'uri',
          'uuid',
          'hostname',
          'regex',
          'json-pointer',
          'unknown',
        ),
        enum: fc.uniqueArray(pick<Value>(1, 'a', null, true, 2), { maxLength: 3 }),
        const: pick<Value>(1, 'a', null),
        required: fc.uniqueArray(pick('a', 'b'), { maxLength: 2 }),
        minProperties: fc.nat(2),
        minItems: fc.nat(2),
        maxItems: fc.integer({ min: 1, max: 3 }),
        uniqueItems: fc.boolean(),
        additionalProperties: fc.boolean(),
        properties: fc.oneof(
          { maxDepth: 2 },
          fc.constant<Value>(objectOf([])),
          tie('schema').map((inner): Value => objectOf([['a', inner]])),
        ),
        items: fc.oneof(
          { maxDepth: 2 },
          fc.constant<Value>(true),
          tie('schema'),
          fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        ),
        not: tie('schema'),
        anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        if: tie('schema'),
        [thenKeyword]: tie('schema'),
        else: tie('schema'),
        contains: tie('schema'),
        // A schema that refers to itself without end makes OPA overflow its stack.
        $ref: fc.constant('#/definitions/d'),
        definitions: fc.constant<Value>(objectOf([['d', objectOf([['type', 'integer']])]])),
      },
      { requiredKeys: [] },
    )
    .chain((members) => fc.subarray(Object.entries(members), { maxLength: 3 }))
    .map((members): Value => objectOf(members.filter(([, value]) => value !== undefined) as [string, Value][])),
}))
const schemaDocument: Arbitrary<Value> = fc.oneof(
  object(
    fc.oneof<Arbitrary<Value>[]>(
      pick<Value>(1, 'a', 'abc', null, true),
      fc.array(pick<Value>(1, 'a', 2), { maxLength: 3 }),
      number,
    ),
    pick('a', 'b', 'c'),
  ),
  fc.array(fc.oneof<Arbitrary<Value>[]>(pick<Value>(1, 'a', null, 1), number), { maxLength: 4 }),
)

const name = pick('a', 'b', 'T', 'on', 'type', 'query', '_x')
const maybe = (part: Arbitrary<string>) => fc.oneof(fc.constant(''), part)
const { literal, type, selections } = fc.letrec<{ literal: string; type: string; selections: string }>((tie) => ({
  literal: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    pick('1', '-1.5e3', '"s\\u00e9\\n"', '"""b\n   c\n  d"""', '""', 'true', 'null', 'ENUM', '$v', '"""\n\n  x\n"""'),
    fc.array(tie('literal'), { maxLength: 2 }).map((list) => `[${list.join(', ')}]`),
    fc.tuple(name, tie('literal')).map(([key, value]) => `{${key}: ${value}}`),
  ),
  type: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    name,
    tie('type').map((inner) => `[${inner}]`),
    name.map((inner) => `${inner}!`),
  ),
  selections: fc
    .array(
      fc.oneof(
        { maxDepth: 2, depthSize: 'small' },
        fc
          .tuple(maybe(name.map((alias) => `${alias}: `)), name, maybe(tie('literal').map((value) => `(x: ${value})`)))
          .map((parts) => parts.join('')),
        pick('...F', '... on T { a }', '... @d { a }', '# c\n a', '...T @d(x: 1)'),
        fc.tuple(name, tie('selections')).map((parts) => parts.join(' ')),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((list) => `{ ${list.join(separator(list))} }`),
}))

/** Commas are white space. */
function separator(list: readonly string[]): string {
  return list.length % 2 === 0 ? ', ' : ' '
}

const directives = pick('', '', ' @d', ' @d(x: 1) @e')
const described = pick('', '', '"text" ', '"""block""" ', '# comment\n', '# one\n# two\n"d" # three\n')
const variables = maybe(
  fc
    .tuple(name, type, maybe(literal.map((value) => ` = ${value}`)), directives)
    .map(([variable, of, value, d]) => `($${variable}: ${of}${value}${d})`),
)
const graphqlDefinition = fc.oneof(
  selections,
  fc
    .tuple(pick('query', 'mutation', 'subscription', '# c\nquery'), maybe(name), variables, directives, selections)
    .map((parts) => parts.join(' ')),
  fc
    .tuple(name, variables, name, directives, selections)
    .map(([fragment, vars, on, d, set]) => `fragment ${fragment} ${vars} on ${on}${d} ${set}`),
)
const inputValue = fc
  .tuple(described, name, type, maybe(literal.map((value) => ` = ${value}`)), directives)
  .map(([text, key, of, value, d]) => `${text}${key}: ${of}${value}${d}`)
const fieldDefinition = fc
  .tuple(described, name, maybe(inputValue.map((value) => `(${value})`)), type, directives)
  .map(([text, key, given, of, d]) => `${text}${key}${given}: ${of}${d}`)
const braced = (item: Arbitrary<string>) =>
  fc.array(item, { maxLength: 3 }).map((list) => (list.length === 0 ? '' : ` {\n${list.join('\n')} # end\n}`))
const implemented = pick('', '', ' implements A', ' implements & A & B')
const typeDefinition = fc.oneof(
  fc
    .tuple(pick('type', 'interface'), name, implemented, directives, braced(fieldDefinition))
    .map(([kind, key, interfaces, d, fields]) => `${kind} ${key}${interfaces}${d}${fields}`),
  fc.tuple(name, directives, braced(inputValue)).map(([key, d, fields]) => `input ${key}${d}${fields}`),
  fc.tuple(name, directives, pick('', ' = A', ' = | A | B', ' = A | A')).map((parts) => `union ${parts.join('')}`),
  fc
    .tuple(
      name,
      directives,
      braced(fc.tuple(described, pick('A', 'B', 'true'), directives).map((parts) => parts.join(''))),
    )
    .map((parts) => `enum ${parts.join('')}`),
  fc.tuple(name, directives).map((parts) => `scalar ${parts.join('')}`),
)
const schemaDefinition = fc
  .tuple(directives, pick('', ' { query: T }', ' { query: T mutation: a }'))
  .map((parts) => `schema${parts.join('')}`)
const graphqlSchemaDefinition = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(described, typeDefinition).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.oneof(typeDefinition, schemaDefinition).map((definition) => `extend ${definition}`) },
  fc.tuple(described, schemaDefinition).map((parts) => parts.join('')),
  fc
    .tuple(
      described,
      name,
      maybe(inputValue.map((value) => `(${value})`)),
      pick('', ' repeatable'),
      pick('FIELD', '| OBJECT | SCALAR', 'NOWHERE'),
    )
    .map(([text, key, given, again, on]) => `${text}directive @${key}${given}${again} on ${on}`),
)
const graphqlText = joined(fc.oneof({ weight: 9, arbitrary: graphqlDefinition }, pick('{', '}', '"')), 0, 2, ' ')
const graphqlSchemaWords = joined(
  fc.oneof({ weight: 12, arbitrary: graphqlSchemaDefinition }, pick('{', '"x"')),
  0,
  3,
  '\n',
)

const graphqlField = pick(
  'a',
  'b',
  'c { a }',
  'd(x: 1)',
  'd',
  '__typename',
  'x: a',
  '...F',
  '... on T { a }',
  '... on Q { b }',
  'a @include(if: true)',
  'e',
  'c',
  'a(x: 1)',
  'd(x: "s")',
  'd(x: $v)',
  'f(e: A)',
  'f(e: Z)',
  'g(i: {n: 1})',
  'g(i: {z: 1})',
  'u { ... on T { a } }',
  '__schema { types { name } }',
)
const graphqlQuery = fc
  .tuple(
    pick('', 'query', 'query N', 'query ($v: Int)', 'mutation', 'query ($v: Int!)', 'query ($v: Nope)'),
    joined(graphqlField, 1, 3, ' '),
    pick('', ' fragment F on Q { a }', ' fragment F on T { a }', ' query Other { a }'),
  )
  .map(([start, fields, end]) => `${start} { ${fields} }${end}`)
const graphqlSchemaText = pick(
  'type Q { a: Int b: String c: T d(x: Int): Int e: [Int!]! f(e: E): Int g(i: I): Int u: U } type T { a: Int } enum E { A B } input I { n: Int } union U = T | Q schema { query: Q }',
  'type Query { a: Int b: String c: T d(x: Int!): Int } type T { a: Int }',
  'schema { query: Q mutation: Q } type Q { a: Int c: Q d(x: Int = 2): Int }',
  'type Q { a: Nope } schema { query: Q }',
)

const templateText = joined(
  pick(
    '{{.a}}',
    '{{.b.c}}',
    '{{if .a}}',
    '{{else}}',
    '{{end}}',
    '{{range .l}}',
    '{{.}}',
    '{{$x := .a}}',
    '{{$x}}',
    '{{with .b}}',
    '{{printf "%v" .a}}',
    '{{len .l}}',
    ' text ',
    '{{- ',
    ' -}}',
    '{{"q"}}',
    '{{index .l 0}}',
    '{{eq .a .a}}',
    '{{/* c */}}',
    '{{not .z}}',
    '{{.a | html}}',
    '{{range $i, $e := .l}}',
    '{{break}}',
    '{{1}}',
    '{{ print 1 "a" }}',
  ),
  1,
  5,
)
const templateData = fc.tuple(scalar, fc.array(scalar, { maxLength: 3 }), object(scalar, pick('c', 'd'))).map(
  ([a, l, b]): Value =>
    objectOf([
      ['a', a],
      ['l', l],
      ['b', b],
    ]),
)

const strings = fc.oneof<Arbitrary<Value>[]>(shortText, fc.array(shortText, { maxLength: 3 }))

export const generators: Readonly<Record<string, Arguments>> = {
  sprintf: args(
    format,
    fc.array(
      scalar.chain((value) => pick<Value>(value, [value])),
      { maxLength: 4 },
    ),
  ),
  'strings.any_prefix_match': args(strings, strings),
  'strings.any_suffix_match': args(strings, strings),
  'strings.count': args(joined(pick('a', 'b', 'é'), 0, 8), joined(pick('a', 'b', 'é'), 0, 2)),
  'strings.split_n': args(text, pick('', ' ', 'a', '.'), smallInteger),
  'strings.render_template': args(templateText, templateData),
  indexof_n: args(joined(pick('a', 'b', '😀'), 0, 8), joined(pick('a', 'b', '😀'), 0, 2)),
  'units.parse': args(quantity),
  'units.parse_bytes': args(quantity),
  'semver.is_valid': args(version),
  'semver.compare': args(version, version),
  'uuid.parse': args(uuid),
  'time.parse_ns': fc.oneof({ weight: 5, arbitrary: formattedTime }, args(layout, timeText)),
  'time.parse_rfc3339_ns': args(timeText),
  'time.parse_duration_ns': args(durationText),
  'time.format': args(moment),
  'time.date': args(moment),
  'time.clock': args(moment),
  'time.weekday': args(moment),
  'time.add_date': args(moment, smallInteger, smallInteger, smallInteger),
  'time.diff': args(moment, moment),
  'net.cidr_is_valid': args(fc.oneof(cidr, address)),
  'net.cidr_expand': args(smallCidr),
  'net.cidr_merge': args(fc.array(fc.oneof(cidr, address), { maxLength: 6 })),
  'net.cidr_contains_matches': args(cidrs, cidrs),
  'uri.parse': args(url),
  'uri.is_valid': args(url),
  'urlquery.encode': args(text),
  'urlquery.decode': args(urlPart),
  'urlquery.encode_object': args(object(fc.oneof<Arbitrary<Value>[]>(text, fc.array(text, { maxLength: 2 })), text)),
  'urlquery.decode_object': args(urlPart),
  'hex.encode': args(text),
  'hex.decode': args(joined(hexDigit, 0, 6)),
  'base64url.encode_no_pad': args(text),
  'crypto.sha256': args(text),
  'crypto.hmac.sha512': args(text, text),
  'json.patch': args(patchable, fc.array(operation, { maxLength: 3 })),
  'json.marshal_with_options': args(
    json,
    fc
      .record({ pretty: fc.boolean(), indent: pick('', ' ', '\t'), prefix: pick('', '> ') }, { requiredKeys: [] })
      .map((options): Value => objectOf(Object.entries(options) as [string, Value][])),
  ),
  'json.match_schema': exactly(schemaDocument, schema),
  'json.verify_schema': exactly(schema),
  'yaml.marshal': args(json),
  'yaml.unmarshal': args(yamlText),
  'yaml.is_valid': args(yamlText),
  'regex.replace': args(subject, pattern, replacement),
  'regex.split': args(pattern, subject),
  'regex.find_n': args(pattern, subject, smallInteger),
  'regex.template_match': args(
    joined(pick('a', '.', '{', '}', '{.*}', '{[ab]+}', 'b'), 0, 4),
    subject,
    pick('{', '<'),
    pick('}', '>'),
  ),
  'regex.globs_match': args(globToken, globToken),
  'glob.quote_meta': args(text),
  'object.subset': args(json, json),
  'graph.reachable_paths': args(graph, fc.array(node, { maxLength: 2 })),
  'numbers.range_step': exactly(smallInteger, smallInteger, pick<Value>(0, 1, 2, 5, -1)),
  'graphql.parse_query': args(graphqlText),
  'graphql.parse_schema': args(graphqlSchemaWords),
  'graphql.schema_is_valid': args(graphqlSchemaWords),
  'graphql.is_valid': args(graphqlQuery, graphqlSchemaText),
}
