/** Scripts that were compiled beforehand: what V8 is given belongs to the text, or is not given. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cacheName, cacheOf, createLoader, type Loaded } from '../../../tools/bundled/load-script.ts'

let folder: string
let file: string
let cache: string
let count = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeEach(() => {
  count += 1
  file = join(folder, `script-${count}.cjs`)
  cache = join(folder, cacheName(file))
  writeFileSync(file, 'module.exports = () => "before"')
  const loaded: Loaded[] = []
  said(createLoader(folder, (one) => loaded.push(one))(file))
  writeFileSync(cache, cacheOf(loaded[0]!))
})

function said(script: unknown): unknown {
  return (script as () => unknown)()
}

/** A copy, since each path is loaded once. */
function loadAgain(text = readFileSync(file), cached: Uint8Array = readFileSync(cache)) {
  const copy = join(folder, `again-${count}.cjs`)
  writeFileSync(copy, text)
  writeFileSync(join(folder, cacheName(copy)), cached)
  let rejected: boolean | undefined
  const loaded = createLoader(folder, ({ script }) => {
    rejected = script.cachedDataRejected
  })(copy)
  return { said: said(loaded), rejected }
}

describe('a script with its cache', () => {
  test('is what V8 compiled before', () => {
    expect(loadAgain()).toEqual({ said: 'before', rejected: false })
  })

  test('is its text where that was changed since, even to one of the same length', () => {
    expect(loadAgain(Buffer.from('module.exports = () => "behind"'))).toEqual({ said: 'behind', rejected: undefined })
  })

  test('is its text where the cache is damaged anywhere', () => {
    const whole = readFileSync(cache)
    for (const at of [0, 5, 30, Math.floor(whole.length / 2), whole.length - 1]) {
      count += 1
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 1
      expect(loadAgain(undefined, damaged)).toEqual({ said: 'before', rejected: undefined })
    }
  })

  test.each([[0], [3], [4], [40]])('is its text where only %i bytes of the cache are left', (length) => {
    expect(loadAgain(undefined, readFileSync(cache).subarray(0, length))).toEqual({
      said: 'before',
      rejected: undefined,
    })
  })
})

describe('a script', () => {
  test('is run once, whoever asks', () => {
    const once = join(folder, 'once.cjs')
    writeFileSync(once, 'module.exports = {}')
    expect(createLoader(folder)(once)).toBe(createLoader(folder)(once))
  })

  test('may hold any letters', () => {
    const letters = join(folder, 'letters.cjs')
    writeFileSync(letters, 'module.exports = () => "µ → 漢"')
    expect(said(createLoader(folder)(letters))).toBe('µ → 漢')
  })

  test('loads others as it was loaded, and packages as always', () => {
    const other = join(folder, 'other.cjs')
    const names: string[] = []
    writeFileSync(join(folder, 'inner.cjs'), 'module.exports = require("node:path").basename(__filename)')
    writeFileSync(other, 'module.exports = loadScript(__dirname + "/inner.cjs")')
    expect(createLoader(folder, ({ file: loaded }) => names.push(loaded))(other)).toBe('inner.cjs')
    expect(names).toEqual([join(folder, 'inner.cjs'), other])
  })

  test('that fails is run anew when it is asked for again', () => {
    const failing = join(folder, 'failing.cjs')
    writeFileSync(failing, 'globalThis.attempts = (globalThis.attempts ?? 0) + 1; throw new Error(`${attempts}`)')
    const load = createLoader(folder)
    expect(() => load(failing)).toThrow('1')
    expect(() => load(failing)).toThrow('2')
  })
})
