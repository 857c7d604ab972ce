/** What every reader does, sentence by sentence of its port. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Place } from '../../src/domain/records.ts'
import type { Reader } from '../../src/readers/reader.ts'

export type ReaderHarness = AsyncDisposable & {
  readonly reader: Reader
  /** Makes, or exchanges, what lies at a path. */
  put(path: string, content: Uint8Array): Promise<void>
  place(path: string): Place
}

/** What `put` is given, where a source cannot hold just any bytes. */
export type ReaderContents = { readonly content: Buffer; readonly one: Buffer; readonly another: Buffer }

const anyBytes: ReaderContents = {
  content: Buffer.alloc(700_000, 'portcullis '),
  one: Buffer.from('one'),
  another: Buffer.from('another'),
}
const signal = new AbortController().signal

export function describeReader(
  name: string,
  start: () => Promise<ReaderHarness>,
  { content, one, another }: ReaderContents = anyBytes,
): void {
  describe(name, () => {
    let harness: ReaderHarness
    beforeAll(async () => {
      harness = await start()
      await harness.put('file', content)
      await harness.put('empty', Buffer.alloc(0))
    })
    afterAll(() => harness?.[Symbol.asyncDispose]())

    const open = (path: string, part: { start?: number; end?: number } = {}) =>
      harness.reader.open(harness.place(path), { ...part, signal })

    async function all(path: string, part: { start?: number; end?: number } = {}): Promise<Buffer> {
      const chunks: Uint8Array[] = []
      for await (const chunk of (await open(path, part)).bytes) chunks.push(chunk)
      return Buffer.concat(chunks)
    }

    test('serves its own scheme', () => {
      expect(harness.place('file').scheme).toBe(harness.reader.scheme)
    })

    test('gives all bytes, a part of them, and none of an empty one', async () => {
      expect((await all('file')).equals(content)).toBe(true)
      expect(await all('file', { start: 10, end: 21 })).toEqual(content.subarray(10, 21))
      expect(await all('file', { start: content.length - 3 })).toEqual(content.subarray(-3))
      expect(await all('empty')).toEqual(Buffer.alloc(0))
    })

    test('says how long it is, and gives another version when the content is another', async () => {
      const before = await open('file')
      for await (const _ of before.bytes) break
      expect([undefined, content.length]).toContain(before.size)
      await harness.put('other', one)
      const first = (await open('other')).version
      await harness.put('other', another)
      const second = (await open('other')).version
      if (first !== undefined) expect(second).not.toBe(first)
    })

    test('knows before it resolves that there is nothing', async () => {
      await expect(open('none')).rejects.toMatchObject({ code: 'source.not_found' })
    })

    test('ends with the signal', async () => {
      const controller = new AbortController()
      const { bytes } = await harness.reader.open(harness.place('file'), { signal: controller.signal })
      const read = async () => {
        for await (const _ of bytes) controller.abort()
      }
      await expect(read()).rejects.toThrow()
    })
  })
}
