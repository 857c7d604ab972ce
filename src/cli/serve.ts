/** `portcullis serve`: runs all services, or some. */
import { Command } from 'commander'

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the services in this process')
    .requiredOption('--config <file>', 'configuration file')
    .option('--listen <host:port>', 'instead of the address in the configuration; port 0 takes a free one')
    .option('--services <names>', 'only these, separated by commas (needs Kafka and Redis)', (names: string) => names.split(',').map((name) => name.trim()))
    .option('--print-config', 'print the configuration as it was understood, without secrets, and exit', false)
    .action(async (options: { config: string; listen?: string; services?: string[]; printConfig: boolean }) => {
      const { readConfig, describeConfig } = await import('../app/config.ts')
      const config = await readConfig(options.config, process.env, { listen: options.listen, services: options.services })
      if (options.printConfig) {
        process.stdout.write(`${describeConfig(config)}\n`)
        return
      }
      const { startServer } = await import('../app/server.ts')
      const server = await startServer(config)
      process.stdout.write(`portcullis: ${config.services.join(', ')} on ${server.url}\n`)
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      })
      await server[Symbol.asyncDispose]()
    })
}
