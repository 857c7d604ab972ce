/** `portcullis revoke`: ends a request; its reads stop within a second. */
import { Command } from 'commander'
import { createClient } from './client.ts'
import { type ServerOptions, withServerOptions } from './client-options.ts'

export function revokeCommand(): Command {
  return withServerOptions(
    new Command('revoke').description('end a request: nothing can be read with its token any more'),
  )
    .argument('<token>')
    .action(async (token: string, options: ServerOptions) => {
      await createClient(options).revoke(token)
    })
}
