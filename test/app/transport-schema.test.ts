/** The way to the broker and the store, as the configuration says it. */
import { expect, test } from 'vitest'
import { kafka, parse } from './support/minimal-config.ts'

const kafkaBus = (more: object) => ({ ...kafka, bus: { kind: 'kafka', brokers: 'b:1', ...more } })
const redis = (tokens: object) => ({ ...kafka, tokens: { kind: 'redis', ...tokens } })
const sasl = { mechanism: 'plain', username: 'u', password: 'p' }
const sentinel = { master: 'main', nodes: ['s:26379'] }

test.each([
  [kafkaBus({ brokers: 'a:1, b' }), '/bus/brokers: must be host:port, several separated by commas'],
  [
    kafkaBus({ sasl }),
    '/bus/sasl: the password and all messages would go out in clear; add ssl, or say insecure: true',
  ],
  [kafkaBus({ ssl: {}, sasl: { ...sasl, passwordFile: 'f' } }), '/bus/sasl: takes one of password, passwordFile'],
  [
    kafkaBus({ ssl: {}, sasl: { mechanism: 'plain', username: 'u' } }),
    '/bus/sasl: needs one of password, passwordFile',
  ],
  [kafkaBus({ ssl: { cert: 'c' } }), '/bus/ssl: cert and key belong together'],
  [kafkaBus({ ssl: {}, sasl: { ...sasl, mechanism: 'gssapi' } }), '/bus/sasl/mechanism: must be one of "plain"'],
  [redis({}), '/tokens: needs one of url, sentinel'],
  [redis({ url: 'redis://r', sentinel }), '/tokens: needs one of url, sentinel'],
  [redis({ url: 'http://r' }), '/tokens/url: must begin with redis:// or rediss://'],
  [redis({ url: 'redis://r', tls: {} }), '/tokens/tls: belongs to a url that begins with rediss://'],
  [redis({ url: 'rediss://r', tls: { key: 'k' } }), '/tokens/tls: cert and key belong together'],
  [redis({ url: 'rediss://r', username: 'u' }), '/tokens: needs one of password, passwordFile'],
  [redis({ sentinel: { ...sentinel, username: 'u' } }), '/tokens/sentinel: needs one of password, passwordFile'],
  [redis({ sentinel: { ...sentinel, nodes: ['s'] } }), '/tokens/sentinel/nodes/0: must match pattern'],
])('%j is refused: %s', (changes, why) => {
  expect(() => parse(changes)).toThrow(why)
})

test('names its files relative to the configuration', () => {
  const { bus, tokens } = parse({
    bus: {
      kind: 'kafka',
      brokers: 'b:1',
      insecure: true,
      ssl: { ca: 'ca', cert: 'tls/c', key: '/abs/k' },
      sasl: { mechanism: 'plain', username: 'u', passwordFile: 'secret' },
    },
    tokens: { kind: 'redis', sentinel: { ...sentinel, passwordFile: 's' }, passwordFile: 'p', tls: { ca: 'ca' } },
  })
  expect(bus).toMatchObject({
    ssl: { ca: '/etc/portcullis/ca', cert: '/etc/portcullis/tls/c', key: '/abs/k' },
    sasl: { passwordFile: '/etc/portcullis/secret' },
  })
  expect(tokens).toMatchObject({
    sentinel: { passwordFile: '/etc/portcullis/s', nodes: ['s:26379'] },
    passwordFile: '/etc/portcullis/p',
    tls: { ca: '/etc/portcullis/ca' },
  })
})
