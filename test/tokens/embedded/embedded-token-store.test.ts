/** The embedded token store, in memory and with a folder, does what every token store does. */
import { afterAll } from 'vitest'
import { createEmbeddedTokenStore } from '../../../src/tokens/embedded/embedded-token-store.ts'
import { describeTokenStore } from '../../conformance/token-store.ts'
import { createTempFolder, type TempFolder } from '../../support/temp-folder.ts'

const folders: TempFolder[] = []
afterAll(async () => {
  for (const folder of folders) await folder[Symbol.asyncDispose]()
})

describeTokenStore('the embedded token store in memory', (clock) => createEmbeddedTokenStore({ clock }))

describeTokenStore('the embedded token store with a folder', async (clock) => {
  const folder = await createTempFolder('tokens')
  folders.push(folder)
  return createEmbeddedTokenStore({ clock, folder: folder.path })
})
