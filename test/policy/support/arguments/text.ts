/** Arguments for built-ins of texts: formats, patterns, units, versions, templates. */

import fc, { type Arbitrary } from 'fast-check'
import { objectOf, type Value } from '../../../../src/policy/opa-wasm/value.ts'
import {
  type Arguments,
  args,
  joined,
  numberText,
  object,
  pick,
  scalar,
  shortText,
  smallInteger,
  text,
} from './base.ts'

const verb = fc
  .tuple(
    joined(pick('#', '0', '+', '-', ' '), 0, 2),
    pick('', '', '', '3', '8', '*', '[1]', '[2]*'),
    pick('', '', '', '.', '.0', '.2', '.10', '.*'),
    pick('', '', '', '[1]', '[3]', '[x]'),
    pick(...'vvvddsssqxXobOcUTtfFeEgGbp!%é'),
  )
  .map((parts) => `%${parts.join('')}`)
export const format = joined(fc.oneof(verb, shortText), 0, 4)

export const pattern = joined(
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

export const textArguments: Readonly<Record<string, Arguments>> = {
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
  'hex.encode': args(text),
  'hex.decode': args(
    fc
      .tuple(joined(pick('00', '41', '7f', 'c3a9', 'C3A9'), 0, 4), pick('', '', 'zz', '4'))
      .map((parts) => parts.join('')),
  ),
  'base64url.encode_no_pad': args(text),
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
}
