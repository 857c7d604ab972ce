/** Slips of the pen. */
import { expect, it } from 'vitest'
import { didYouMean } from '../../../src/dataproduct/schema/did-you-mean.ts'

it.each([
  ['versoin', 'version'],
  ['Version', 'version'],
  ['nmae', 'name'],
  ['nam', 'name'],
  ['outputPort', 'outputPorts'],
  ['xy', undefined],
  ['completely', undefined],
  ['name', undefined],
])('%s may mean %s', (word, meant) => {
  expect(didYouMean(word, ['version', 'name', 'outputPorts', 'status'])).toBe(meant)
})
