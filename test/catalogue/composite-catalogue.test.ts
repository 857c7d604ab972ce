import { expect, test } from 'vitest'
import { createCompositeCatalogue } from '../../src/catalogue/composite/composite-catalogue.ts'
import { compareIds } from '../../src/catalogue/id-order.ts'
import { mapInOrder } from '../../src/catalogue/map-in-order.ts'
import type { ResourceCatalogue } from '../../src/catalogue/resource-catalogue.ts'
import { PortcullisError } from '../../src/domain/errors.ts'
import type { ResourceId } from '../../src/domain/ids.ts'
import { parseResourceId } from '../../src/domain/resource-id.ts'
import { describeResourceCatalogue } from '../conformance/resource-catalogue.ts'

const signal = new AbortController().signal

/** Of ids in memory. */
function partOf(root: string, paths: readonly string[]) {
  const ids = paths.map((path) => parseResourceId(root + path)).sort(compareIds)
  const leafOf = (id: ResourceId) => ({ id, mediaType: 'text/plain', recordType: 'line', attributes: {} })
  const unknown = () => new PortcullisError('resource.unknown')
  const catalogue: ResourceCatalogue = {
    async *leaves(resource) {
      const found = ids.filter((id) => (resource.endsWith('/') ? id.startsWith(resource) : id === resource))
      if (found.length === 0) throw unknown()
      yield* found.map(leafOf)
    },
    async locate(id) {
      if (!ids.includes(id)) throw unknown()
      return { leaf: leafOf(id), place: { scheme: 'memory', root, path: id.slice(root.length) } }
    },
  }
  return { root: parseResourceId(root), catalogue }
}

describeResourceCatalogue('a catalogue of several', async (paths) => ({
  root: 'file:/data/hr/',
  catalogue: createCompositeCatalogue([partOf('s3://bucket/', ['x']), partOf('file:/data/hr/', paths)]),
  [Symbol.asyncDispose]: async () => undefined,
}))

test('lists all roots below a folder above them, in the order of their ids', async () => {
  const catalogue = createCompositeCatalogue([
    partOf('file:/data/hr/', ['b', 'a']),
    partOf('file:/data/hr-old/', ['z']),
    partOf('file:/other/', ['y']),
  ])
  const ids: string[] = []
  for await (const { id } of catalogue.leaves(parseResourceId('file:/data/'), { signal })) ids.push(id)
  expect(ids).toEqual(['file:/data/hr-old/z', 'file:/data/hr/a', 'file:/data/hr/b'])
})

test('refuses roots below one another', () => {
  expect(() => createCompositeCatalogue([partOf('file:/data/', []), partOf('file:/data/hr/', [])])).toThrow(
    'file:/data/hr/ must end in / and lie below no other root',
  )
})

test('orders ids as their UTF-8 bytes are ordered', () => {
  const ids = ['\u{1f600}', '\uffee', 'a/', 'a', 'a.', 'a0', 'ü', '', '\ue000', '\u{10000}']
  expect([...ids].sort(compareIds)).toEqual([...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
})

test('maps in order, with as many under way as are allowed', async () => {
  let underWay = 0
  let most = 0
  async function* numbers() {
    for (let number = 0; number < 20; number++) yield number
  }
  const results: number[] = []
  for await (const result of mapInOrder(numbers(), 4, async (number) => {
    most = Math.max(most, ++underWay)
    for (let turn = 0; turn < 20 - number; turn++) await Promise.resolve()
    underWay--
    return number
  }))
    results.push(result)
  expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index))
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(4)
})
