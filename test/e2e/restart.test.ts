/** One process with nothing else is killed and started again: what was registered is delivered, what was revoked stays revoked. */
import { expect, test } from 'vitest'
import { createClient, type Item } from '../../src/cli/client.ts'
import { startPortcullis, writeHrConfig } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'
import { hrFiles } from './hr-truth.ts'

const folder = 'file:/data/hr/'
const requests = 20

test('kill -9 in the middle of requests: each of them is delivered by the next process, and can be read', async () => {
  await using place = await createTempFolder('restart')
  const config = await writeHrConfig(place.path, { tokensFolder: `${place.path}/tokens` })
  const before = await startPortcullis({ config })
  const client = createClient({ server: before.url })
  const revoked = await client.register({ userId: 'Alice', resourceId: folder, context: { purpose: 'SALARY' } })
  await client.revoke(revoked)
  const tokens = await Promise.all(
    Array.from({ length: requests }, () =>
      client.register({ userId: 'Alice', resourceId: folder, context: { purpose: 'SALARY' } }),
    ),
  )
  await before.kill()

  await using after = await startPortcullis({ config })
  const again = createClient({ server: after.url })
  for (const token of tokens) {
    const items: Item[] = []
    for await (const item of again.items(token)) items.push(item)
    expect(items.map((item) => (item.kind === 'leaf' ? item.leaf.id : item.kind))).toEqual([
      ...hrFiles.map((file) => folder + file),
      'complete',
    ])
    let length = 0
    for await (const chunk of (await again.read(token, folder + hrFiles[0])).bytes) length += chunk.length
    expect(length).toBeGreaterThan(0)
  }
  await expect(again.items(revoked).next()).rejects.toMatchObject({ code: 'token.unknown' })
})
