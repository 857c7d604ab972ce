/** `portcullis policy diff <before> <after>`: which rules, attachments and data differ between two revisions, in sentences. */
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { compareBundles } from '../bundles/compare/compare-bundles.ts'
import { findBundle } from '../bundles/find-bundle.ts'
import { readTarGz } from '../policy/opa-wasm/index.ts'

export function diffCommand(): Command {
  const named = 'a revision or the beginning of one, a commit, branch or tag, or a file'
  return new Command('diff')
    .description('what differs between two revisions of a bundle, in sentences; exit code 0 either way')
    .argument('<before>', named)
    .argument('<after>', named)
    .option('--root <folder>', 'root of the checkout', '.')
    .option('--name <bundle>', 'which bundle', 'access')
    .addOption(new Option('--format <format>').choices(['text', 'json', 'markdown']).default('text'))
    .action(async (before: string, after: string, options: { root: string; name: string; format: string }) => {
      const find = (name: string) => findBundle(resolve(options.root), `${options.name}.tar.gz`, name)
      const [older, newer] = await Promise.all([find(before), find(after)])
      const changes = compareBundles(readTarGz(older.bytes), readTarGz(newer.bytes))
      const from = { before: older.from, after: newer.from }
      if (options.format === 'json') process.stdout.write(`${JSON.stringify({ ...from, changes }, null, 2)}\n`)
      else {
        const bullet = options.format === 'markdown' ? '- ' : ''
        const lines = changes.map(({ sentence }) => `${bullet}${sentence}`)
        process.stdout.write(`${lines.length === 0 ? 'Nothing differs.' : lines.join('\n')}\n`)
      }
    })
}
