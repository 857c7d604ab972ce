/** `portcullis serve`: runs all services, or some. */
import closeWithGrace from 'close-with-grace'
import { Command } from 'commander'

/** How long the services may take to end what is under way, in milliseconds; then the process ends anyway, with exit code 1. */
const closeMsMax = 15_000

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the services in this process')
    .requiredOption('--config <file>', 'configuration file')
    .option('--listen <host:port>', 'instead of the address in the configuration; port 0 takes a free one')
    .option('--services <names>', 'only these, separated by commas (needs Kafka and Redis)', (names: string) =>
      names.split(',').map((name) => name.trim()),
    )
    .option('--print-config', 'print the configuration as it was understood, without secrets, and exit', false)
    .action(async (options: { config: string; listen?: string; services?: string[]; printConfig: boolean }) => {
      const { readConfig, describeConfig } = await import('../app/config.ts')
      const config = await readConfig(options.config, process.env, {
        listen: options.listen,
        services: options.services,
      })
      if (options.printConfig) {
        process.stdout.write(`${describeConfig(config)}\n`)
        return
      }
      const [{ startServer }, { describeError }] = await Promise.all([
        import('../app/server.ts'),
        import('../app/log.ts'),
      ])
      const server = await startServer(config)
      process.stdout.write(`portcullis: ${config.services.join(', ')} on ${server.url}\n`)
      // ends the process itself: what a library leaves behind must not keep it alive
      closeWithGrace({ delay: closeMsMax, logger: false }, async ({ err }) => {
        if (err !== undefined)
          process.stderr.write(`${JSON.stringify({ event: 'process.fault', ...describeError(err) })}\n`)
        await server[Symbol.asyncDispose]()
      })
    })
}
