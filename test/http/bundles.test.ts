/** The bundle service of a server whose bundle somebody else built: its revision may be called anything. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTarGz } from '../../src/policy/opa-wasm/tar.ts'
import { accessBytes, repacked } from '../bundles/support/repack.ts'
import { startHrPortcullis } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

test.each(['v1.2.3', 'release of "Tuesday"\r\nset-cookie: a=b'])(
  'a bundle of revision %j is given with an ETag, and not sent twice',
  async (revision) => {
    await using folder = await createTempFolder('named')
    const manifest = JSON.parse(readTarGz(accessBytes).get('.manifest')!.toString()) as object
    const { bytes } = repacked('named', { '.manifest': JSON.stringify({ ...manifest, revision }) })
    const bundle = join(folder.path, 'access.tar.gz')
    await writeFile(bundle, bytes)
    await using server = await startHrPortcullis({ bundle })
    const first = await fetch(`${server.url}/bundles/access.tar.gz`)
    expect(first.status).toBe(200)
    expect(Buffer.from(await first.arrayBuffer())).toEqual(bytes)
    expect(first.headers.get('set-cookie')).toBeNull()
    const tag = first.headers.get('etag')!
    const again = await fetch(`${server.url}/bundles/access.tar.gz`, {
      headers: { 'if-none-match': tag, prefer: 'modes=snapshot;wait=1' },
    })
    expect([again.status, again.headers.get('etag')]).toEqual([304, tag])
  },
  60_000,
)
