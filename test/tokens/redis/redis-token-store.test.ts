/** The Redis token store does what every token store does. */
import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { createRedisTokenStore } from '../../../src/tokens/redis/redis-token-store.ts'
import { describeTokenStore } from '../../conformance/token-store.ts'

describeTokenStore('the Redis token store', (clock) =>
  createRedisTokenStore({ url: inject('redisUrl'), keyPrefix: `test-${randomUUID()}:`, clock }),
)
