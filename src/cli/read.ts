/** `portcullis read`: the bytes of a leaf, as policy lets them through. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { createClient, type ReadOptions } from './client.ts'
import { type ServerOptions, withServerOptions } from './client-options.ts'
import { decodeAvro } from './decode-avro.ts'

type Output = { readonly output?: string; readonly records: boolean }

export function readCommand(): Command {
  return withServerOptions(new Command('read').description('read a leaf, as policy lets it through'))
    .argument('<token>')
    .argument('<leaf>', 'leaf id, as ls prints it')
    .option('-o, --output <file>', 'instead of standard output')
    .option('--accept <types>', 'media types to choose from, such as application/x-ndjson for records as JSON')
    .option('--columns <names>', 'only these columns, with commas between: uid,name')
    .option('--limit <n>', 'records at most')
    .option('--records', 'print an Avro leaf as JSON, a record a line', false)
    .action(async (token: string, leaf: string, options: ServerOptions & ReadOptions & Output) => {
      const { bytes, mediaType } = await createClient(options).read(token, leaf, options)
      const source = Readable.from(options.records && mediaType.includes('avro') ? jsonLines(bytes) : bytes, {
        objectMode: false,
      })
      if (options.output === undefined) await pipeline(source, process.stdout, { end: false })
      else await writeWhole(source, options.output)
    })
}

/** A transfer that breaks off leaves no file: what is there is whole. */
async function writeWhole(source: Readable, file: string): Promise<void> {
  const partial = `${file}.partial`
  try {
    await pipeline(source, createWriteStream(partial))
    await rename(partial, file)
  } finally {
    await rm(partial, { force: true })
  }
}

async function* jsonLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const record of decodeAvro(bytes)) yield Buffer.from(`${JSON.stringify(record)}\n`)
}
