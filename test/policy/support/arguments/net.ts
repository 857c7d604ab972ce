/** Arguments for addresses, networks and URLs. */

import fc, { type Arbitrary } from 'fast-check'
import type { Value } from '../../../../src/policy/opa-wasm/value.ts'
import { type Arguments, args, joined, object, pick, shortText, text } from './base.ts'

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
export const url = fc
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

export const netArguments: Readonly<Record<string, Arguments>> = {
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
}
