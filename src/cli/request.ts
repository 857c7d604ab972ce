/** `portcullis request`: registers what somebody asks for, prints the token. */
import { Command, InvalidArgumentError } from 'commander'
import { createClient } from './client.ts'
import { type ServerOptions, withServerOptions } from './client-options.ts'

type RequestOptions = ServerOptions & {
  readonly user?: string
  readonly purpose: string
  readonly context: Readonly<Record<string, string>>
}

export function requestCommand(): Command {
  return withServerOptions(new Command('request').description('ask for a resource for a purpose; prints the token'))
    .argument('<resource>', 'resource id: file:/data/hr/ (a folder) or file:/data/hr/x.avro')
    .requiredOption('--purpose <purpose>', 'why the data is needed')
    .option('--user <id>', 'who asks; with a bearer token its subject')
    .option('--context <key=value>', 'more context, may be given several times', collect, {})
    .action(async (resource: string, options: RequestOptions) => {
      const token = await createClient(options).register({
        userId: options.user,
        resourceId: resource,
        context: { ...options.context, purpose: options.purpose },
      })
      process.stdout.write(`${token}\n`)
    })
}

function collect(pair: string, context: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Expected key=value.')
  return { ...context, [pair.slice(0, at)]: pair.slice(at + 1) }
}
