/** PORT: who a user is. Adapters: file/. Suite: test/conformance/user-directory.ts. */
import type { UserId } from '../domain/ids.ts'
import type { User } from '../domain/records.ts'

export interface UserDirectory extends AsyncDisposable {
  /** As of now: a change in the directory shows within 1 s. @throws user.unknown, source.unavailable */
  find(id: UserId): Promise<User>
}
