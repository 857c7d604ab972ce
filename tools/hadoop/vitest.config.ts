/** Runs what needs Hadoop, and nothing else: `make check-hadoop`. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/hadoop/*.hadoop.ts'], testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks' },
})
