import { describe, expect, test } from 'vitest'
import { covers, parseResourceId } from '../../src/domain/resource-id.ts'

describe('resource ids', () => {
  test.each([
    'file:/data/hr/x.avro',
    'file:/data/',
    'file:/',
    'hdfs:/a/b',
    's3://bucket-1/a b/c.csv',
    'http://host:8080/x',
    'kafka://topic/0-100',
    'file:/dätä/x',
  ])('accepts the canonical id %s as it is', (id) => expect(parseResourceId(id)).toBe(id))

  test.each([
    ['', 'is empty'],
    ['/data/x', 'does not begin with a known scheme'],
    ['file://data/x', 'does not begin with a known scheme'],
    ['file:///data/x', 'does not begin with a known scheme'],
    ['FILE:/data/x', 'does not begin with a known scheme'],
    ['file:/data//x', 'empty segment'],
    ['file:/data/../x', '. or .. segment'],
    ['file:/data/./x', '. or .. segment'],
    ['file:/data/..', '. or .. segment'],
    ['file:/data/%2e%2e/x', 'encoded slash, dot or NUL'],
    ['file:/data%2Fx', 'encoded slash, dot or NUL'],
    ['file:/data/x?y', 'query, a fragment or a backslash'],
    ['file:/data/x#y', 'query, a fragment or a backslash'],
    ['file:/data\\x', 'query, a fragment or a backslash'],
    ['file:/data/\u0000', 'control character'],
    ['file:/data/a\u0308', 'Unicode form NFC'],
    ['file:/data/\ud800', 'lone surrogate'],
    [`file:/${'x'.repeat(3000)}`, 'longer than'],
    ['s3://bucket', 'does not begin with a known scheme'],
  ])('refuses %j and says why', (id, why) => expect(() => parseResourceId(id)).toThrow(why))

  test('cover by whole segments', () => {
    const id = parseResourceId
    expect(covers(id('file:/data/'), id('file:/data/hr/x'))).toBe(true)
    expect(covers(id('file:/data/hr/x'), id('file:/data/hr/x'))).toBe(true)
    expect(covers(id('file:/data/hr/x'), id('file:/data/hr/xy'))).toBe(false)
    expect(covers(id('file:/data/hr/'), id('file:/data/hr2/x'))).toBe(false)
    expect(covers(id('file:/data/hr/'), id('file:/data/'))).toBe(false)
  })
})
