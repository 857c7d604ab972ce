/** What is packed can be unpacked by anybody, and is the same bytes each time. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packTarGz } from '../../src/bundles/tar-gz.ts'
import { readTarGz } from '../../src/policy/opa-wasm/tar.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const segment = fc.stringMatching(/^[a-z0-9_]{1,40}$/)
const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join('/'))
const entries = fc.uniqueArray(fc.record({ path, bytes: fc.uint8Array({ maxLength: 2_000 }) }), {
  selector: (entry) => entry.path,
  maxLength: 8,
})

test('is read again as it was written', () => {
  fc.assert(
    fc.property(entries, (given) => {
      const read = readTarGz(packTarGz(given))
      expect([...read.keys()]).toEqual(given.map((entry) => entry.path))
      for (const { path: name, bytes } of given) expect(read.get(name)!.equals(bytes)).toBe(true)
    }),
  )
})

test('holds contents longer than one stored block, to the byte', () => {
  for (const length of [65_535 - 1_536, 65_535, 65_536, 3 * 65_535, 200_000]) {
    const bytes = Buffer.alloc(length, 'abcdefg')
    expect(
      readTarGz(packTarGz([{ path: 'x', bytes }]))
        .get('x')!
        .equals(bytes),
    ).toBe(true)
  }
})

test('is unpacked by the ordinary programs', async () => {
  await using folder = await createTempFolder('tar')
  const long = `${'folder/'.repeat(20)}${'n'.repeat(90)}`
  const file = join(folder.path, 'x.tar.gz')
  await writeFile(
    file,
    packTarGz([
      { path: 'a.txt', bytes: Buffer.from('hello') },
      { path: long, bytes: Buffer.alloc(100_000, 1) },
    ]),
  )
  execFileSync('gzip', ['--test', file])
  execFileSync('tar', ['-xzf', file, '-C', folder.path], { stdio: 'pipe' })
  expect(readFileSync(join(folder.path, 'a.txt'), 'utf8')).toBe('hello')
  expect(readFileSync(join(folder.path, long)).length).toBe(100_000)
})

test('a path that no header can hold is refused', () => {
  expect(() => packTarGz([{ path: 'n'.repeat(101), bytes: Buffer.alloc(0) }])).toThrow(
    expect.objectContaining({ code: 'tool.failed' }),
  )
})
