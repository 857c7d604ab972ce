/** What stays active while sources of bundles fail, lie, stall and recover: real files, and a real HTTP server that misbehaves. */

import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { createEngineLoader } from '../../src/app/adapters.ts'
import { createBundleHolder } from '../../src/app/bundle-holder.ts'
import type { BundleSource } from '../../src/bundles/source/bundle-source.ts'
import { createFileSource } from '../../src/bundles/source/file-source.ts'
import { createHttpSource } from '../../src/bundles/source/http-source.ts'
import { createLastGood } from '../../src/bundles/source/last-good.ts'
import { PortcullisError } from '../../src/domain/errors.ts'
import { accessBytes, repacked } from '../bundles/support/repack.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const load = await createEngineLoader()
const one = repacked('one')
const two = repacked('two')
const wait = { timeout: 15_000, interval: 20 } as const

async function hold(source: BundleSource, more: { keep?: string; verify?: (bytes: Uint8Array) => Promise<void> } = {}) {
  const problems: string[] = []
  const holder = await createBundleHolder({
    source,
    load,
    verify: more.verify ?? (async () => undefined),
    ...(more.keep === undefined ? {} : { lastGood: createLastGood(more.keep) }),
    now: Date.now,
    onActivated: () => undefined,
    onProblem: (thrown) => problems.push((thrown as { code?: string }).code ?? String(thrown)),
  })
  return {
    holder,
    problems,
    revision: () => holder.engine().revision,
    [Symbol.dispose]: () => holder[Symbol.dispose](),
  }
}

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bundles/access.tar.gz`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function replace(file: string, bytes: Uint8Array) {
  await writeFile(`${file}.new`, bytes)
  await rename(`${file}.new`, file)
}

describe('a bundle in a file', () => {
  test('is exchanged when the file is, and a bad one leaves the last good one active, told once', async () => {
    await using folder = await createTempFolder('bundles')
    const file = join(folder.path, 'access.tar.gz')
    await writeFile(file, one.bytes)
    using held = await hold(createFileSource(file))
    expect(held.revision()).toBe(one.revision)
    for (const bad of [two.bytes.subarray(0, 5000), Buffer.from('no bundle'), Buffer.alloc(0)]) {
      await replace(file, bad)
      await vi.waitFor(() => expect(held.holder.status().code).toBe('bundle.corrupt'), wait)
      expect(held.revision()).toBe(one.revision)
    }
    await replace(file, two.bytes)
    await vi.waitFor(() => expect(held.revision()).toBe(two.revision), wait)
    expect(held.holder.status()).not.toHaveProperty('code')
    expect(held.problems.every((code) => code === 'bundle.corrupt')).toBe(true)
    expect(held.holder.status()).toMatchObject({ source: file, activeRevision: two.revision })
  })

  test('that goes away leaves the last good one active until it is back', async () => {
    await using folder = await createTempFolder('bundles')
    const file = join(folder.path, 'access.tar.gz')
    await writeFile(file, one.bytes)
    using held = await hold(createFileSource(file))
    await rename(file, `${file}.away`)
    await vi.waitFor(() => expect(held.holder.status().code).toBe('bundle.missing'), wait)
    expect(held.revision()).toBe(one.revision)
    await replace(file, two.bytes)
    await vi.waitFor(() => expect(held.revision()).toBe(two.revision), wait)
    expect(held.problems).toEqual(['bundle.missing'])
  })

  test('with other contents under the active revision is refused, loudly', async () => {
    await using folder = await createTempFolder('bundles')
    const file = join(folder.path, 'access.tar.gz')
    await writeFile(file, one.bytes)
    using held = await hold(createFileSource(file))
    await replace(file, repacked('one', { 'notes.txt': 'other contents' }).bytes)
    await vi.waitFor(() => expect(held.holder.status().code).toBe('bundle.refused'), wait)
    expect(Buffer.from(held.holder.bundle().bytes)).toEqual(one.bytes)
    await replace(file, two.bytes)
    await vi.waitFor(() => expect(held.revision()).toBe(two.revision), wait)
    expect(held.holder.status()).not.toHaveProperty('code')
  })

  test('that was only signed anew is passed on with its new signature', async () => {
    await using folder = await createTempFolder('bundles')
    const file = join(folder.path, 'access.tar.gz')
    await writeFile(file, one.bytes)
    using held = await hold(createFileSource(file))
    const signed = repacked('one', { '.signatures.json': '{"signatures":["another"]}' })
    await replace(file, signed.bytes)
    await vi.waitFor(() => expect(Buffer.from(held.holder.bundle().bytes)).toEqual(signed.bytes), wait)
    expect(held.problems).toEqual([])
  })

  test.each<[string, Uint8Array, string]>([
    ['has no policy.wasm', repacked('x', { 'policy.wasm': '' }).bytes, 'bundle.corrupt'],
    ['holds another program', repacked('x', { 'policy.wasm': '\0asm\x01\0\0\0' }).bytes, 'bundle.corrupt'],
    ['claims data outside of its roots', repacked('x', { 'data.json': '{"elsewhere":1}' }).bytes, 'bundle.corrupt'],
    ['is a zip bomb', gzipSync(Buffer.alloc(200 * 1_048_576)), 'bundle.corrupt'],
  ])('that %s is refused', async (_, bytes, code) => {
    await using folder = await createTempFolder('bundles')
    const file = join(folder.path, 'access.tar.gz')
    await writeFile(file, bytes)
    await expect(hold(createFileSource(file))).rejects.toMatchObject({ code })
  })
})

describe('a bundle of a service', () => {
  test('is asked for with the ETag and the token, and taken when it changes', async () => {
    const asked: Record<string, unknown>[] = []
    let current = one
    await using server = await serve(({ headers }, response) => {
      asked.push(headers)
      const etag = `"${current.revision}"`
      if (headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
      else response.writeHead(200, { etag, 'content-type': 'application/gzip' }).end(current.bytes)
    })
    using held = await hold(createHttpSource({ url: server.url, bearerToken: 'secret', pollMs: 20 }))
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2), wait)
    expect(asked[0]).toMatchObject({ authorization: 'Bearer secret' })
    expect(asked[0]).not.toHaveProperty('if-none-match')
    expect(asked[1]).toMatchObject({ 'if-none-match': `"${one.revision}"`, prefer: 'modes=snapshot;wait=30' })
    current = two
    await vi.waitFor(() => expect(held.revision()).toBe(two.revision), wait)
    expect(held.problems).toEqual([])
  })

  test('that knows no ETag is told from another of the same length', async () => {
    const [short, long] = [one, two].toSorted((left, right) => left.bytes.length - right.bytes.length)
    // what follows the end of a gzip file counts for nothing
    const padded = Buffer.concat([short!.bytes, Buffer.alloc(long!.bytes.length - short!.bytes.length)])
    const asked: Record<string, unknown>[] = []
    let current: Uint8Array = padded
    await using server = await serve(({ headers }, response) => {
      asked.push(headers)
      response.writeHead(200).end(current)
    })
    using held = await hold(createHttpSource({ url: server.url, pollMs: 5 }))
    expect(held.revision()).toBe(short!.revision)
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2), wait)
    current = long!.bytes
    await vi.waitFor(() => expect(held.revision()).toBe(long!.revision), wait)
    expect(asked.every((headers) => headers['if-none-match'] === undefined)).toBe(true)
  })

  test('that says it holds requests, and does not, is not asked without pause', async () => {
    let asked = 0
    await using server = await serve((_, response) => {
      asked++
      response.writeHead(200, { 'content-type': 'application/vnd.openpolicyagent.bundles' }).end(one.bytes)
    })
    using _ = await hold(createHttpSource({ url: server.url }))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(asked).toBeLessThan(6)
  })

  test('that fails, redirects, stalls, breaks off or sends rubbish leaves the last good one active', async () => {
    const answers: RequestListener[] = [
      (_, response) => response.writeHead(200, { etag: '"1"' }).end(one.bytes),
      (_, response) => response.writeHead(503).end('down'),
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      (_, response) => {
        response.writeHead(200, { etag: '"2"', 'content-length': '100000' })
        response.write('half')
        setTimeout(() => response.destroy(), 10)
      },
      (_, response) => response.writeHead(200, { etag: '"3"' }).end('<html>maintenance</html>'),
      (_, response) => response.writeHead(200, { etag: '"4"' }).end(two.bytes),
    ]
    let next = 0
    await using server = await serve((request, response) => {
      if (next < answers.length) answers[next++]!(request, response)
      else response.writeHead(304).end()
    })
    using held = await hold(createHttpSource({ url: server.url, pollMs: 5 }))
    await vi.waitFor(() => expect(next).toBe(5), { timeout: 30_000, interval: 5 })
    expect(held.revision()).toBe(one.revision)
    await vi.waitFor(() => expect(held.revision()).toBe(two.revision), wait)
    expect(new Set(held.problems)).toEqual(new Set(['bundle.unavailable', 'bundle.corrupt']))
    expect(held.holder.status()).not.toHaveProperty('code')
  }, 60_000)

  test('that is down at the start is replaced by the last good bundle kept on disk, verified again', async () => {
    await using folder = await createTempFolder('bundles')
    const server = await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end(one.bytes))
    const options = { keep: folder.path }
    {
      using held = await hold(createHttpSource({ url: server.url }), options)
      expect(held.revision()).toBe(one.revision)
    }
    await server[Symbol.asyncDispose]()
    expect(await readFile(join(folder.path, 'bundle.tar.gz'))).toEqual(one.bytes)
    {
      using held = await hold(createHttpSource({ url: server.url }), options)
      expect(held.revision()).toBe(one.revision)
      expect(held.holder.status()).toMatchObject({ code: 'bundle.unavailable' })
    }
    await expect(hold(createHttpSource({ url: server.url }))).rejects.toMatchObject({ code: 'bundle.unavailable' })
    const verify = async () => Promise.reject(new PortcullisError('bundle.unverified'))
    await expect(hold(createHttpSource({ url: server.url }), { ...options, verify })).rejects.toMatchObject({
      code: 'bundle.unverified',
    })
  })

  test('is enforced although the disk has no room to keep it', async () => {
    await using folder = await createTempFolder('bundles')
    // a file where the folder would be: nothing can be written there, by whomever
    await writeFile(join(folder.path, 'full'), '')
    await using server = await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end(two.bytes))
    using held = await hold(createHttpSource({ url: server.url }), { keep: join(folder.path, 'full') })
    expect(held.revision()).toBe(two.revision)
    expect(held.problems.length).toBe(1)
    expect(await readdir(folder.path)).toEqual(['full'])
  })

  test('that is not signed as it must be is refused, and the running revision stays', async () => {
    let current: Buffer = one.bytes
    await using server = await serve((_, response) =>
      response.writeHead(200, { etag: `"${current.length}${current === one.bytes}"` }).end(current),
    )
    const verify = async (bytes: Uint8Array) => {
      if (!Buffer.from(bytes).equals(one.bytes)) throw new PortcullisError('bundle.unverified')
    }
    using held = await hold(createHttpSource({ url: server.url, pollMs: 5 }), { verify })
    current = two.bytes
    await vi.waitFor(() => expect(held.holder.status().code).toBe('bundle.unverified'), wait)
    expect(held.revision()).toBe(one.revision)
  })
})

test('whoever waits for another revision is woken by it, and by nothing else but its signal', async () => {
  await using folder = await createTempFolder('bundles')
  const file = join(folder.path, 'access.tar.gz')
  await writeFile(file, accessBytes)
  using held = await hold(createFileSource(file))
  const { revision } = held.holder.bundle()
  const woken: string[] = []
  const given = new AbortController()
  const waiting = [
    held.holder.changed(revision, new AbortController().signal).then(() => woken.push('changed')),
    held.holder.changed(revision, given.signal).then(() => woken.push('given up')),
  ]
  given.abort()
  await waiting[1]
  expect(woken).toEqual(['given up'])
  await replace(file, two.bytes)
  await waiting[0]
  expect(held.holder.bundle()).toMatchObject({ revision: two.revision })
  await held.holder.changed(revision, new AbortController().signal)
})
