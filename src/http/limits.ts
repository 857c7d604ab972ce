/** What one client may take of this server, in one place. */
export const limits = {
  bodyBytesMax: 64 * 1024,
  headerBytesMax: 16 * 1024,
  /** To send the headers, and the whole request. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  /** A connection on which nothing moves. Longer than the pause between heartbeats. */
  connectionTimeoutMs: 60_000,
  /** How long a client may take nothing of what is sent to it. */
  stallMsMax: 60_000,
  keepAliveTimeoutMs: 20_000,
  connectionsMax: 10_000,
  /** A frame a client sends on a websocket. */
  frameBytesMax: 64 * 1024,
  /** What waits for a websocket client that does not read. */
  frameBacklogBytesMax: 1024 * 1024,
  /** So that proxies and clients see a waiting stream is alive, and the server sees who is gone. */
  heartbeatMs: 15_000,
  /** How long a stream waits for its first item before the status line goes out. */
  firstItemWaitMs: 250,
  /** What transfers under way may still take when the server stops. */
  closeGraceMs: 5_000,
  /** One check of readiness. */
  checkTimeoutMs: 2_000,
  contextEntriesMax: 64,
  contextKeyLengthMax: 128,
  contextValueLengthMax: 4_096,
  extraHeaderLengthMax: 512,
} as const
