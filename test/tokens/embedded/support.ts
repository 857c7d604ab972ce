/** Embedded token stores in folders of their own, opened again and again. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Token } from '../../../src/domain/ids.ts'
import {
  createEmbeddedTokenStore,
  type EmbeddedTokenStoreOptions,
} from '../../../src/tokens/embedded/embedded-token-store.ts'
import type { TokenStore } from '../../../src/tokens/token-store.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { alice, aRegistration, movableClock } from '../support.ts'

export async function aFolder(limits: Partial<EmbeddedTokenStoreOptions> = {}) {
  const folder = await createTempFolder('tokens')
  const clock = movableClock()
  const said: string[] = []
  let store: TokenStore | undefined
  const close = async () => store?.[Symbol.asyncDispose]()
  onTestFinished(async () => {
    await close()
    await folder[Symbol.asyncDispose]()
  })
  return {
    clock,
    said,
    path: folder.path,
    close,
    async reopen(): Promise<TokenStore> {
      await close()
      store = await createEmbeddedTokenStore({
        ...limits,
        folder: folder.path,
        clock,
        log: { warn: (_, event) => void said.push(event) },
      })
      return store
    },
  }
}

export async function registered(store: TokenStore, clock: ReturnType<typeof movableClock>) {
  const registration = aRegistration(clock, { token: randomUUID() as Token })
  await store.register(registration, {})
  return registration
}

export async function revoked(store: TokenStore, clock: ReturnType<typeof movableClock>): Promise<Token> {
  const { token } = await registered(store, clock)
  await store.revoke(token, alice)
  return token
}

export async function unfinishedTokens(store: TokenStore): Promise<Token[]> {
  const tokens: Token[] = []
  for await (const { registration } of store.unfinished()) tokens.push(registration.token)
  return tokens
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10)
}
