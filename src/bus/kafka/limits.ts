/** What bounds the Kafka adapter, in one place; the figures behind the latencies are in `bench/results/bus.json`. */
export const kafkaLimits = {
  /** Envelopes handed to a stage together at most. */
  batchLengthMax: 500,
  /** Bytes of one produce request: all its messages form one record batch, which a topic takes up to 1 MiB of. */
  sendBytesMax: 950_000,
  sendLengthMax: 2_000,
  /** Bytes that wait to be sent to one topic before publishing is refused. */
  pendingBytesMax: 64 * 1024 * 1024,
  /** How long publishing tries before it says that the broker cannot be reached. */
  publishBudgetMs: 5_000,
  checkBudgetMs: 2_000,
  /** Each of: a consumer's leave with its last commit, the last sends. Then connections are cut. */
  closeBudgetMs: 2_000,
  /** Positions reach the broker after this time, or this many messages. */
  commitIntervalMs: 1_000,
  commitLengthMax: 2_000,
  /** A fetch without news ends after this time; heartbeats, commits and a close wait behind it. */
  fetchWaitMs: 250,
  fetchBytesMax: 8 * 1024 * 1024,
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 1_000,
  /** How long members may take to join anew; longer than `revokeGraceMs`. */
  rebalanceTimeoutMs: 15_000,
  /** How long a batch under way may still be finished and committed before its partition goes to another member. */
  revokeGraceMs: 3_000,
  /** A consumer without a sign of life for so long is replaced. */
  silenceMaxMs: 45_000,
  /** Pauses between tries of what has to come back some day. */
  retryPauseMs: { first: 100, longest: 2_000 },
} as const
