/** How a token appears in logs and audit: by hash. */
import { createHash } from 'node:crypto'

/** First 32 hex digits of the token's SHA-256. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 32)
}
