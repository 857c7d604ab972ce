/** Options that the client commands share. */
import type { Command } from 'commander'

export type ServerOptions = { readonly server: string; readonly bearer?: string }

export function withServerOptions(command: Command): Command {
  return command
    .option('--server <url>', 'where the server listens', process.env.PORTCULLIS_SERVER ?? 'http://127.0.0.1:8080')
    .option(
      '--bearer <jwt>',
      'bearer token (or PORTCULLIS_BEARER), where the server asks for one',
      process.env.PORTCULLIS_BEARER,
    )
}
