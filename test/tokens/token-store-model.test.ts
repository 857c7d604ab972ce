/** Both token stores against one model. */
import { randomUUID } from 'node:crypto'
import { afterAll, inject } from 'vitest'
import { createEmbeddedTokenStore } from '../../src/tokens/embedded/embedded-token-store.ts'
import { createRedisTokenStore } from '../../src/tokens/redis/redis-token-store.ts'
import { describeTokenStoreModel } from '../conformance/token-store-model.ts'
import { createTempFolder } from '../support/temp-folder.ts'

// the model's clock leaps from case to case, and what was used stays so
const limits = { usedRememberedMs: 1e12 }
const folder = await createTempFolder('tokens')
afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

describeTokenStoreModel('the embedded token store in memory', {
  create: (clock) => createEmbeddedTokenStore({ ...limits, clock }),
  runs: 1_000,
  tellsUnfinished: true,
})

describeTokenStoreModel('the embedded token store that is opened again', {
  create: (clock) => createEmbeddedTokenStore({ ...limits, clock, folder: folder.path }),
  restart: (clock) => createEmbeddedTokenStore({ ...limits, clock, folder: folder.path }),
  runs: 15,
  tellsUnfinished: true,
})

describeTokenStoreModel('the Redis token store', {
  create: (clock) => createRedisTokenStore({ url: inject('redisUrl'), keyPrefix: `test-${randomUUID()}:`, clock }),
  runs: 150,
  tellsUnfinished: false,
})
