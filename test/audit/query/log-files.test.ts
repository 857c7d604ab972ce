import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { findLogFiles } from '../../../src/audit/query/log-files.ts'
import { createTempFolder } from '../../support/temp-folder.ts'

async function folderWith(names: readonly string[]) {
  const place = await createTempFolder('log-files')
  for (const name of names) await writeFile(join(place.path, name), '')
  return place
}

test('the files of a folder come oldest first: by day, then by rotation, numbered or dated, plain or gzipped', async () => {
  await using place = await folderWith([
    'audit-2026-11-26.ndjson',
    'audit-2026-11-25.ndjson',
    'audit-2026-11-25.ndjson.1',
    'audit-2026-11-25.ndjson.2.gz',
    'audit-2026-11-25.ndjson.10.gz',
    'audit-2026-11-24.ndjson-20261126.gz',
    'audit-2026-11-24.ndjson-20261125.gz',
    'audit-2026-11-24.ndjson.gz',
    'decisions-2026-11-25.ndjson',
  ])
  const { files, unread } = await findLogFiles([place.path])
  expect(files.map(({ path }) => basename(path))).toEqual([
    'audit-2026-11-24.ndjson-20261125.gz',
    'audit-2026-11-24.ndjson-20261126.gz',
    'audit-2026-11-24.ndjson.gz',
    'audit-2026-11-25.ndjson.10.gz',
    'audit-2026-11-25.ndjson.2.gz',
    'audit-2026-11-25.ndjson.1',
    'audit-2026-11-25.ndjson',
    'audit-2026-11-26.ndjson',
  ])
  expect(files.map(({ day }) => day).at(-1)).toBe('2026-11-26')
  expect(unread).toEqual([])
})

test('several folders are read side by side, day by day', async () => {
  await using one = await folderWith(['audit-2026-11-25.ndjson', 'audit-2026-11-26.ndjson'])
  await using other = await folderWith(['audit-2026-11-25.ndjson'])
  const { files } = await findLogFiles([one.path, other.path])
  expect(files.map(({ path }) => path)).toEqual([
    join(one.path, 'audit-2026-11-25.ndjson'),
    join(other.path, 'audit-2026-11-25.ndjson'),
    join(one.path, 'audit-2026-11-26.ndjson'),
  ])
})

test('a file of the log that is packed or named in another way is told, not passed over', async () => {
  await using place = await folderWith(['audit-2026-11-25.ndjson', 'audit-2026-11-24.ndjson.xz', 'audit-old.ndjson'])
  const { files, unread } = await findLogFiles([place.path])
  expect(files).toHaveLength(1)
  expect(unread.map((path) => basename(path))).toEqual(['audit-2026-11-24.ndjson.xz', 'audit-old.ndjson'])
})

test('a file that is named is read whatever its name, and has no day that it could be left out by', async () => {
  await using place = await folderWith(['export.txt', 'audit-2026-11-25.ndjson'])
  const named = [join(place.path, 'export.txt'), join(place.path, 'audit-2026-11-25.ndjson')]
  const { files } = await findLogFiles(named)
  expect(files).toEqual([
    { path: named[0], name: named[0] },
    { path: named[1], name: named[1], sortDay: '2026-11-25' },
  ])
})

test('a folder without a log, a file that is not there, and a place named twice are refused', async () => {
  await using place = await folderWith([])
  await mkdir(join(place.path, 'empty'))
  await expect(findLogFiles([join(place.path, 'empty')])).rejects.toThrow('holds no audit log')
  await expect(findLogFiles([join(place.path, 'missing.ndjson')])).rejects.toThrow('ENOENT')
  await expect(findLogFiles(['-', '-'])).rejects.toThrow('-: is named twice.')
})

test('a file that comes in twice, by a folder and by its name, or by a link, is refused', async () => {
  await using place = await folderWith(['audit-2026-11-25.ndjson', 'audit-2026-11-26.ndjson'])
  const file = join(place.path, 'audit-2026-11-25.ndjson')
  await expect(findLogFiles([place.path, file])).rejects.toThrow(`${file}: is the same file as ${file}; name it once.`)
  await expect(findLogFiles([place.path, `${place.path}/.`])).rejects.toThrow('is the same file as')
  await symlink(file, join(place.path, 'newest'))
  await expect(findLogFiles([file, join(place.path, 'newest')])).rejects.toThrow(`newest: is the same file as ${file}`)
})
