/** Contracts of a bundle: which leaf has which, and that a bundle with one that can't be read is refused. */
import { expect, test } from 'vitest'
import type { ResourceId } from '../../../src/domain/ids.ts'
import { parseContracts } from '../../../src/policy/contracts/contracts.ts'

const leaf = (id: string) => ({ id: id as ResourceId, mediaType: 'text/csv', recordType: 'Row', attributes: {} })
const known = {
  'file:/data/hr/': { product: 'hr/employees', fields: { '/name': 'internal' } },
  'file:/data/pay.csv': { product: 'hr/pay', fields: { '/amount': '' } },
}

test('a leaf is described by the contract of its folder, or of itself', () => {
  const { describe } = parseContracts(known)
  const fields = [{ path: '/name', classification: 'internal' }]
  expect(describe(leaf('file:/data/hr/x/a.csv'))).toEqual({
    ...leaf('file:/data/hr/x/a.csv'),
    product: 'hr/employees',
    fields,
  })
  expect(describe(leaf('file:/data/pay.csv')).fields).toEqual([{ path: '/amount', classification: '' }])
  for (const id of ['file:/data/hr', 'file:/data/hr2/a.csv', 'file:/data/pay.csv.old'])
    expect(describe(leaf(id))).toEqual(leaf(id))
})

test('what a leaf says of its own fields does not count where there is a contract', () => {
  const given = {
    ...leaf('file:/data/hr/a.csv'),
    product: 'other',
    fields: [{ path: '/name', classification: 'public' }],
  }
  expect(parseContracts(known).describe(given)).toMatchObject({
    product: 'hr/employees',
    fields: [{ path: '/name', classification: 'internal' }],
  })
})

test('a bundle without contracts describes nothing', () => {
  const given = leaf('file:/data/hr/a.csv')
  expect(parseContracts(undefined).describe(given)).toBe(given)
})

test.each([
  ['no object', []],
  ['an id that is not canonical', { 'file:/data//hr/': known['file:/data/hr/'] }],
  ['no product', { 'file:/data/hr/': { fields: {} } }],
  ['no fields', { 'file:/data/hr/': { product: 'hr/employees' } }],
  ['a path that is no pointer', { 'file:/data/hr/': { product: 'hr/employees', fields: { name: 'internal' } } }],
  ['a classification that is no text', { 'file:/data/hr/': { product: 'hr/employees', fields: { '/name': null } } }],
])('contracts with %s are refused', (_, data) => {
  expect(() => parseContracts(data)).toThrow(expect.objectContaining({ code: 'bundle.corrupt' }))
})
