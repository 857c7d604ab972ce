import { expect, test } from 'vitest'
import { createProgress } from '../../src/cli/progress.ts'

function watch(isTTY: boolean) {
  const written: string[] = []
  let time = 0
  const stream = { isTTY, write: (text: string | Uint8Array) => written.push(String(text)) > 0 }
  const progress = createProgress(stream, () => time)
  return { written, progress, at: (milliseconds: number) => (time = milliseconds) }
}

test('a long run says on a terminal how far it has come, not too often, and leaves nothing behind', () => {
  const { written, progress, at } = watch(true)
  progress.show(1, 9)
  at(600)
  progress.show(2, 9)
  at(620)
  progress.show(3, 9)
  at(800)
  progress.show(4, 9)
  progress.clear()
  expect(written).toEqual(['\r\u001b[Kchecking 2 of 9 files', '\r\u001b[Kchecking 4 of 9 files', '\r\u001b[K'])
})

test('a short run, and one without a terminal, says nothing', () => {
  const short = watch(true)
  short.progress.show(1, 1)
  short.progress.clear()
  const piped = watch(false)
  piped.at(10_000)
  piped.progress.show(1, 9)
  piped.progress.clear()
  expect([...short.written, ...piped.written]).toEqual([])
})
