import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  codecLimits,
  decode,
  decodeAudit,
  encode,
  encodeAudit,
  type Message,
  type ReceivedMessage,
} from '../../src/bus/codec.ts'
import { headers, type PipelineTopic, type PipelineTopics, pipelineTopics } from '../../src/bus/topics.ts'
import { type AuditEvent, errorKinds, successKinds } from '../../src/domain/audit-event.ts'
import type { Envelope } from '../../src/domain/envelope.ts'
import type { ResourceId, Revision, UserId } from '../../src/domain/ids.ts'
import type { Leaf, User } from '../../src/domain/records.ts'
import { auditEvent, newToken, requestBody } from './support.ts'

const token = newToken()
const user: User = {
  id: 'Alice' as UserId,
  active: true,
  roles: ['hr'],
  attributes: { unit: { id: 3 }, tags: ['a', null] },
}
const leaf: Leaf = {
  id: 'file:/data/hr/x.avro' as ResourceId,
  mediaType: 'application/avro',
  recordType: 'Employee',
  attributes: { a: 'b' },
}
const revision = 'r1' as Revision
const bodies: { readonly [T in PipelineTopic]: PipelineTopics[T] } = {
  request: requestBody,
  user: { ...requestBody, user },
  resource: { ...requestBody, user, leaf },
  rule: { ...requestBody, user, leaf, revision },
  'masked-resource': { ...requestBody, leaf, revision },
}
const dataOf = <T extends PipelineTopic>(topic: T, extras = {}): Envelope<PipelineTopics[T]> => ({
  kind: 'data',
  token,
  extras,
  index: 7,
  body: bodies[topic],
})

const text = fc.string({ unit: 'grapheme' })
const index = fc.nat()
const extras = fc.dictionary(
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).filter((name) => !name.startsWith('x-')),
  text,
  { maxKeys: 5 },
)
const reason = fc.record(
  { code: fc.string({ minLength: 1, maxLength: 30 }), rule: text, layer: text },
  { requiredKeys: ['code'] },
)
const context = fc.dictionary(text, text).map((others) => ({ ...others, purpose: 'x' }))
const envelopes = fc.oneof(
  fc.record({ kind: fc.constant('start'), token: fc.constant(token), extras }),
  fc.record(
    { kind: fc.constant('end'), token: fc.constant(token), extras, total: index },
    { requiredKeys: ['kind', 'token', 'extras'] },
  ),
  fc.record({ kind: fc.constant('withheld'), token: fc.constant(token), extras, index, reasons: fc.array(reason) }),
  fc.record({
    kind: fc.constant('failed'),
    token: fc.constant(token),
    extras,
    index,
    failure: fc.record({ code: fc.constant('internal'), message: text, stage: fc.constant('user') }),
  }),
  fc.record({
    kind: fc.constant('data'),
    token: fc.constant(token),
    extras,
    index,
    body: fc.record({
      userId: fc.constant('Zoë'),
      resourceId: fc.constant('file:/data/ä/'),
      context,
      user: fc.record({
        id: fc.constant('Zoë'),
        active: fc.boolean(),
        roles: fc.array(text),
        attributes: fc.dictionary(
          text,
          fc.jsonValue({ noUnicodeString: false }).filter((value) => !Object.is(value, -0)),
        ),
      }),
    }),
  }),
)

test('what is encoded decodes to the same', () => {
  fc.assert(
    fc.property(envelopes, (generated) => {
      const envelope = JSON.parse(JSON.stringify(generated)) as Envelope<PipelineTopics['user']>
      expect(decode('user', encode('user', envelope))).toEqual({ item: envelope })
    }),
  )
})

test.each(pipelineTopics)('the body of %s decodes to the same, and is keyed by its token', (topic) => {
  const message = encode(topic, dataOf(topic, { traceparent: '00-1' }))
  expect(String(message.key)).toBe(token)
  expect(decode(topic, message)).toEqual({ item: dataOf(topic, { traceparent: '00-1' }) })
})

test('headers and values are those of the wire contract', () => {
  const wire = (envelope: Envelope<PipelineTopics['request']>) => {
    const { value, headers: sent } = encode('request', envelope)
    return {
      value: String(value),
      headers: Object.fromEntries(Object.entries(sent).map(([name, bytes]) => [name, String(bytes)])),
    }
  }
  expect(wire({ kind: 'start', token, extras: {} })).toEqual({
    value: '',
    headers: { 'x-request-token': token, 'x-stream-marker': 'START' },
  })
  expect(wire({ kind: 'end', token, extras: {}, total: 2 })).toEqual({
    value: '',
    headers: { 'x-request-token': token, 'x-stream-marker': 'END', 'x-leaf-count': '2' },
  })
  expect(
    wire({ kind: 'withheld', token, extras: { traceparent: 't' }, index: 3, reasons: [{ code: 'policy.denied' }] }),
  ).toEqual({
    value: '{"reasons":[{"code":"policy.denied"}]}',
    headers: { 'x-request-token': token, 'x-outcome': 'withheld', 'x-leaf-index': '3', traceparent: 't' },
  })
  expect(wire(dataOf('request'))).toEqual({
    value: JSON.stringify(requestBody),
    headers: { 'x-request-token': token, 'x-leaf-index': '7' },
  })
})

test('a body of one topic is not one of another', () => {
  for (const from of pipelineTopics)
    for (const to of pipelineTopics)
      expect('item' in decode(to, encode(from, dataOf(from))), `${from} as ${to}`).toBe(from === to)
})

describe('a message is undecodable', () => {
  const good = encode('user', dataOf('user'))
  const end = encode('user', { kind: 'end', token, extras: {}, total: 3 })
  const withHeaders = (message: Message, changed: ReceivedMessage['headers']): ReceivedMessage => ({
    ...message,
    headers: { ...message.headers, ...changed },
  })
  const without = (message: Message, name: string): ReceivedMessage => ({
    ...message,
    headers: Object.fromEntries(Object.entries(message.headers).filter(([other]) => other !== name)),
  })
  const withBody = (change: (body: Record<string, unknown>) => unknown): ReceivedMessage => ({
    ...good,
    value: Buffer.from(JSON.stringify(change(structuredClone(bodies.user)))),
  })
  const bytes = (value: string) => Buffer.from(value)

  const cases: readonly [string, ReceivedMessage, string][] = [
    ['without headers', { key: good.key, value: good.value }, 'x-request-token is missing'],
    ['without a token', without(good, headers.token), 'x-request-token is missing'],
    [
      'with a token that is no UUID',
      withHeaders(good, { [headers.token]: bytes('x') }),
      'x-request-token is not a token',
    ],
    [
      'with a token in capitals',
      withHeaders(good, { [headers.token]: bytes(token.toUpperCase()) }),
      'x-request-token is not a token',
    ],
    [
      'with two tokens',
      withHeaders(good, { [headers.token]: [bytes(token), bytes(token)] }),
      'x-request-token is repeated',
    ],
    ['with a token that has no value', withHeaders(good, { [headers.token]: undefined }), 'a header has no value'],
    ['with another key', { ...good, key: bytes(newToken()) }, 'the key is not the token'],
    ['without a key', { ...good, key: null }, 'the key is not the token'],
    ['without an index', without(good, headers.leafIndex), 'x-leaf-index is missing'],
    ...['-1', '1.5', '', '01', '1e3', ' 1', '٣', '9999999999999999']
      .map(
        (value) =>
          [
            `with the index “${value}”`,
            withHeaders(good, { [headers.leafIndex]: bytes(value) }),
            'x-leaf-index is not a whole number',
          ] as const,
      )
      .map(([name, message, wrong]): [string, ReceivedMessage, string] => [name, message, wrong]),
    ['with an unknown outcome', withHeaders(good, { [headers.outcome]: bytes('permitted') }), 'x-outcome is unknown'],
    [
      'with a count that is not on END',
      withHeaders(good, { [headers.leafCount]: bytes('1') }),
      'x-leaf-count is not on an END',
    ],
    [
      'with an unknown marker',
      withHeaders({ ...end }, { [headers.marker]: bytes('end') }),
      'x-stream-marker is unknown',
    ],
    ['with a count on START', withHeaders(end, { [headers.marker]: bytes('START') }), 'x-stream-marker is unknown'],
    ['with a value on a marker', { ...end, value: bytes('null') }, 'a marker has a value'],
    [
      'with an index on a marker',
      withHeaders(end, { [headers.leafIndex]: bytes('0') }),
      'a marker has an index or an outcome',
    ],
    [
      'with an outcome on a marker',
      withHeaders(end, { [headers.outcome]: bytes('failed') }),
      'a marker has an index or an outcome',
    ],
    [
      'with a count that is no number',
      withHeaders(end, { [headers.leafCount]: bytes('many') }),
      'x-leaf-count is not a whole number',
    ],
    [
      'with a header of our own kind that we don’t know',
      withHeaders(good, { 'x-leaf-colour': bytes('red') }),
      'has a header of an unknown name',
    ],
    [
      'with a header in capitals',
      withHeaders(good, { 'X-Request-Token': bytes(token) }),
      'has a header of an unknown name',
    ],
    [
      'with a repeated extra header',
      withHeaders(good, { traceparent: [bytes('a'), bytes('b')] }),
      'an extra header is repeated',
    ],
    ['with a header that is not UTF-8', withHeaders(good, { traceparent: Buffer.of(0xff) }), 'is not UTF-8'],
    [
      'with a header too long',
      withHeaders(good, { traceparent: Buffer.alloc(4_097, 'x') }),
      'has a header longer than 4096 bytes',
    ],
    [
      'with too many headers',
      withHeaders(good, Object.fromEntries(Array.from({ length: 17 }, (_, number) => [`h${number}`, bytes('')]))),
      'has more than 16 extra headers',
    ],
    ['without a value', { ...good, value: null }, 'the value is missing'],
    ['with an empty value', { ...good, value: bytes('') }, 'the value is missing'],
    ['with a value that is not JSON', { ...good, value: bytes('{"userId":') }, 'the value is not JSON'],
    ['with a value that is not UTF-8', { ...good, value: Buffer.of(0x22, 0xc3, 0x28, 0x22) }, 'is not UTF-8'],
    [
      'with a byte order mark',
      { ...good, value: Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), good.value]) },
      'the value is not JSON',
    ],
    [
      'with a value too large',
      { ...good, value: Buffer.alloc(codecLimits.valueBytesMax + 1, ' ') },
      'the value is larger than 900000 bytes',
    ],
    ['with null as its body', { ...good, value: bytes('null') }, 'the value does not match its schema at #/type'],
    [
      'with a body that says more',
      withBody((body) => ({ ...body, admin: true })),
      'the value does not match its schema at #/additionalProperties',
    ],
    ['without a user', withBody(({ user: _, ...body }) => body), 'the value does not match its schema at #/required'],
    [
      'without a purpose',
      withBody((body) => ({ ...body, context: {} })),
      'the value does not match its schema at #/properties/context/required',
    ],
    [
      'with a resource id that is not canonical',
      withBody((body) => ({ ...body, resourceId: 'file:/data/../etc/' })),
      'the value does not match its schema at #/properties/resourceId/format',
    ],
    [
      'with a user id with a control character',
      withBody((body) => ({ ...body, userId: 'a\u0000' })),
      'the value does not match its schema at #/properties/userId/format',
    ],
    [
      'with an account whose state is a word',
      withBody((body) => ({ ...body, user: { ...user, active: 'true' } })),
      'the value does not match its schema at #/properties/user/properties/active/type',
    ],
  ]
  test.each(cases)('%s', (_, message, undecodable) => {
    expect(decode('user', message)).toEqual({ undecodable })
  })

  test('whatever its bytes are, without a word of them in the reason', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.dictionary(fc.string(), fc.uint8Array()), (value, sent) => {
        const decoded = decode('user', {
          key: Buffer.from(token),
          value: Buffer.from(value),
          headers: Object.fromEntries(
            Object.entries({ ...sent, [headers.token]: Buffer.from(token) }).map(([name, part]) => [
              name,
              Buffer.from(part),
            ]),
          ),
        })
        expect(decoded).toEqual({ undecodable: expect.stringMatching(/^[A-Za-z0-9 #/-]+$/) })
      }),
    )
  })
})

describe('encoding refuses', () => {
  test('a body that would not decode', () => {
    const body = { ...requestBody, context: {} }
    expect(() => encode('request', { kind: 'data', token, extras: {}, index: 0, body })).toThrow(
      expect.objectContaining({ code: 'bus.undecodable' }),
    )
  })

  test('an integer that JSON would round', () => {
    const body = { ...bodies.user, user: { ...user, attributes: { id: 2n ** 63n } } }
    expect(() => encode('user', { kind: 'data', token, extras: {}, index: 0, body })).toThrow(
      expect.objectContaining({ code: 'bus.undecodable' }),
    )
  })

  test.each([
    { 'x-request-token': 'x' },
    { 'x-leaf-anything': 'x' },
    { 'A Name': 'x' },
    { long: 'x'.repeat(4_097) },
    { lone: '\ud800' },
  ])('extra headers that would not arrive: %o', (extra) => {
    expect(() => encode('request', { kind: 'start', token, extras: extra as never })).toThrow(
      expect.objectContaining({ code: 'request.invalid' }),
    )
  })
})

describe('audit events', () => {
  const full: AuditEvent = auditEvent({
    kind: 'leaf.withheld',
    tokenHash: 'a'.repeat(32),
    userId: 'Zoë',
    resourceId: 'file:/data/',
    leafId: 'file:/data/x',
    index: 0,
    context: { purpose: '' },
    decision: 'deny',
    reasons: [{ code: 'policy.denied', rule: 'hr.visible' }],
    revision: 'r1',
    code: 'policy.denied',
    recordsProcessed: 3,
    recordsReturned: 2,
    bytesWritten: 2 ** 40,
    place: { topic: 'rule', partition: 0, offset: '12' },
    readId: 'r',
    limit: 'failedAuthentication',
    calls: 4711,
    client: '2001:db8:0:1::/64',
  })

  test.each([...successKinds, ...errorKinds])('%s decodes to the same', (kind) => {
    for (const event of [auditEvent({ kind }), { ...full, kind }])
      expect(decodeAudit('success', encodeAudit(event))).toEqual({ item: event })
  })

  test.each<[string, Partial<ReceivedMessage>, string]>([
    ['with a header', { headers: { traceparent: Buffer.from('x') } }, 'has headers'],
    ['with another key', { key: Buffer.from('b'.repeat(32)) }, 'the key is not the token hash'],
    ['without its key', { key: null }, 'the key is not the token hash'],
    [
      'of an unknown kind',
      { value: Buffer.from(JSON.stringify({ ...full, kind: 'leaf.read' })) },
      'the value does not match its schema at #/properties/kind/anyOf/0/const',
    ],
    [
      'that holds a token',
      { value: Buffer.from(JSON.stringify({ ...full, token })) },
      'the value does not match its schema at #/additionalProperties',
    ],
    [
      'with a local time',
      { value: Buffer.from(JSON.stringify({ ...full, time: '2026-11-25 13:30' })) },
      'the value does not match its schema at #/properties/time/pattern',
    ],
  ])('%s are undecodable', (_, changed, undecodable) => {
    expect(decodeAudit('success', { ...encodeAudit(full), ...changed })).toEqual({ undecodable })
  })
})
