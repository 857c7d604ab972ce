/** The least configuration there is, and what tests change of it. */
import { parseConfig } from '../../../src/app/config.ts'

export const minimal = (changes: Record<string, unknown> = {}) => ({
  listen: '127.0.0.1:0',
  authentication: { kind: 'none' },
  policy: { bundle: 'access.tar.gz' },
  directory: { kind: 'file', file: 'users.yaml' },
  catalogue: { roots: [{ id: 'file:/data/', folder: 'data' }] },
  bus: { kind: 'embedded' },
  tokens: { kind: 'embedded' },
  audit: { folder: 'audit' },
  ...changes,
})
export const kafka = {
  bus: { kind: 'kafka', brokers: 'localhost:9092' },
  tokens: { kind: 'redis', url: 'redis://:hunter2@localhost' },
}
export const jwt = {
  authentication: { kind: 'jwt', issuer: 'i', audience: 'a', keys: { url: 'https://example.com/keys' } },
}
export const parse = (changes: Record<string, unknown>, services?: string[]) =>
  parseConfig(minimal(changes), { folder: '/etc/portcullis', services })
