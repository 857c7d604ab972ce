/** `portcullis ls`: prints the leaves of a request as they come. */
import { Command } from 'commander'
import { createClient } from './client.ts'
import { type ServerOptions, withServerOptions } from './client-options.ts'

export function lsCommand(): Command {
  return withServerOptions(new Command('ls').description('list the leaves of a request, as they come'))
    .argument('<token>')
    .option('--json', 'one JSON object a line, with positions', false)
    .option('--from <position>', 'begin at this position', Number, 0)
    .action(async (token: string, options: ServerOptions & { json: boolean; from: number }) => {
      for await (const item of createClient(options).items(token, options.from)) {
        if (options.json) process.stdout.write(`${JSON.stringify(item)}\n`)
        else if (item.kind === 'leaf') process.stdout.write(`${item.leaf.id}\n`)
        if (item.kind === 'error') {
          process.stderr.write(`portcullis: ${item.failure.message} (${item.failure.code})\n`)
          process.exitCode = 1
        }
      }
    })
}
