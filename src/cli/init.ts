/** `portcullis init`: a data product and its contract that conform, to start from. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { PortcullisError } from '../domain/errors.ts'

export function initCommand(): Command {
  return new Command('init')
    .description('write a starter data product and its contract, which portcullis check accepts')
    .argument('[folder]', 'where to write them', '.')
    .option('--name <name>', 'name of the product: lower case, words joined by hyphens', 'my-product')
    .option('--domain <name>', 'domain that owns it', 'hr')
    .action(async (folder: string, { name, domain }: { readonly name: string; readonly domain: string }) => {
      const { starterFiles } = await import('../dataproduct/starter.ts')
      const { randomUUID } = await import('node:crypto')
      for (const [path, text] of starterFiles({ name, domain, now: new Date(), newId: randomUUID })) {
        const file = join(folder, path)
        await put(file, text)
        process.stdout.write(`${file}\n`)
      }
      process.stdout.write(`\nNow change them to what you have, and run: portcullis check ${folder}\n`)
    })
}

/** Nothing that is there is written over. */
async function put(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
  } catch (cause) {
    const there = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new PortcullisError('tool.failed', {
      message: there
        ? `${file}: is there already and is left as it is. Name another folder.`
        : `${file}: cannot be written.`,
      cause,
    })
  }
}
