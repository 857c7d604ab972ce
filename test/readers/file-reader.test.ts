import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileReader } from '../../src/readers/file/file-reader.ts'
import { describeReader } from '../conformance/reader.ts'
import { createTempFolder } from '../support/temp-folder.ts'

let root: string
const signal = new AbortController().signal
/** More than is read ahead. */
const content = Buffer.alloc(3_000_000, 'portcullis ')

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'reader-'))
  await mkdir(join(root, 'in'))
  await mkdir(join(root, 'out'))
  await writeFile(join(root, 'in/file'), content)
  await writeFile(join(root, 'out/secret'), 'secret')
  await symlink(join(root, 'out'), join(root, 'in/link'))
  await symlink(join(root, 'out/secret'), join(root, 'in/linked'))
})
afterEach(() => rm(root, { recursive: true }))

const open = (path: string) => createFileReader().open({ scheme: 'file', root: join(root, 'in'), path }, { signal })

const openFiles = async () => (await readdir('/proc/self/fd')).length

describeReader('the file reader', async () => {
  const place = await createTempFolder('reader')
  return {
    reader: createFileReader(),
    put: (path, bytes) => writeFile(join(place.path, path), bytes),
    place: (path) => ({ scheme: 'file', root: place.path, path }),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
})

describe('the file reader', () => {
  test.each([
    ['link/secret', 'source.forbidden'],
    ['linked', 'source.forbidden'],
    ['../out/secret', 'source.forbidden'],
    ['', 'source.forbidden'],
    ['.', 'source.forbidden'],
  ])('refuses %j with %s', async (path, code) => {
    await expect(open(path)).rejects.toMatchObject({ code })
  })

  test.each([
    ['cut', (path: string) => truncate(path, 300_000)],
    ['continued', (path: string) => appendFile(path, 'more')],
  ])('fails the read of a file that is %s meanwhile', async (_, change) => {
    const { bytes } = await open('file')
    const read = async () => {
      let first = true
      for await (const _chunk of bytes) {
        if (first) await change(join(root, 'in/file'))
        first = false
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'source.changed' })
  })

  test('gives each byte once, in order, however many read', async () => {
    const reader = createFileReader()
    const wholes = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const { bytes } = await reader.open({ scheme: 'file', root: join(root, 'in'), path: 'file' }, { signal })
        const chunks: Uint8Array[] = []
        for await (const chunk of bytes) chunks.push(chunk)
        return Buffer.concat(chunks)
      }),
    )
    for (const whole of wholes) expect(whole.equals(content)).toBe(true)
  })

  test('closes what it opened when the reader stops early, and when nobody reads', async () => {
    const before = await openFiles()
    for await (const _chunk of (await open('file')).bytes) break
    const controller = new AbortController()
    await createFileReader().open(
      { scheme: 'file', root: join(root, 'in'), path: 'file' },
      { signal: controller.signal },
    )
    controller.abort()
    await expect.poll(openFiles).toBe(before)
  })
})
