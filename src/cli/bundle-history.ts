/** `portcullis bundle log|show|checkout`: the revisions that git remembers, and any of them back as a file. */
import { rename, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { PolicyChange } from '../bundles/compare/compare-bundles.ts'
import { findBundle } from '../bundles/find-bundle.ts'
import { bundleHistory, changesOf, type HistoryEntry } from '../bundles/history.ts'
import { readTarGz } from '../policy/opa-wasm/index.ts'

type Options = { readonly root: string; readonly name: string; readonly format: string; readonly max: string }

export function historyCommands(): readonly Command[] {
  return [logCommand(), showCommand(), checkoutCommand()]
}

function common(command: Command): Command {
  return command
    .option('--root <folder>', 'root of the checkout', '.')
    .option('--name <bundle>', 'which bundle', 'access')
}

function logCommand(): Command {
  return common(new Command('log').description('every revision that git remembers, newest first, and what it changed'))
    .option('--max <count>', 'at most this many', '20')
    .option('--format <format>', 'text or json', 'text')
    .action(async (options: Options) => {
      const root = resolve(options.root)
      const file = `${options.name}.tar.gz`
      const entries = await bundleHistory(root, file)
      const shown = entries.slice(0, Number(options.max))
      const all = await Promise.all(
        shown.map(async (entry, index) => ({
          ...entry,
          changes: await changesOf(root, file, entry, entries[index + 1]),
        })),
      )
      if (options.format === 'json') process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
      else process.stdout.write(all.map(textOf).join('\n'))
      if (all.length === 0) {
        process.stderr.write(`portcullis: git remembers no revision of bundles/${file} here\n`)
        process.exitCode = 1
      }
    })
}

function textOf({
  changes,
  ...entry
}: HistoryEntry & { readonly changes: readonly PolicyChange[] | undefined }): string {
  const told = changes === undefined ? ['the first revision'] : changes.map(({ sentence }) => sentence)
  return [
    `revision ${entry.revision}`,
    `  commit ${entry.commit.slice(0, 12)}, ${entry.date}, ${entry.author}`,
    `  ${entry.message}`,
    ...told.map((sentence) => `    ${sentence}`),
    '',
  ].join('\n')
}

function showCommand(): Command {
  return common(new Command('show').description('what a revision holds: rules, entrypoints, files'))
    .argument('<revision>', 'a revision or the beginning of one, a commit, a branch, a tag, or a file')
    .action(async (name: string, options: Options) => {
      const { bytes, from } = await findBundle(resolve(options.root), `${options.name}.tar.gz`, name)
      const files = readTarGz(bytes)
      const manifest = JSON.parse(files.get('.manifest')?.toString('utf8') ?? '{}') as {
        readonly revision?: string
        readonly metadata?: {
          readonly rules?: Readonly<Record<string, { readonly title?: string; readonly place?: string }>>
        }
        readonly wasm?: readonly { readonly entrypoint: string }[]
      }
      const lines = [
        `revision ${manifest.revision ?? 'none'} (${from}, ${bytes.length} bytes${files.has('.signatures.json') ? ', signed' : ', not signed'})`,
        'rules:',
        ...Object.entries(manifest.metadata?.rules ?? {}).map(
          ([rule, { title, place }]) =>
            `  ${rule}${title === undefined ? '' : `: ${title}`}${place === undefined ? '' : ` (${place})`}`,
        ),
        `entrypoints: ${(manifest.wasm ?? []).map(({ entrypoint }) => entrypoint).join(', ') || 'none'}`,
        'files:',
        ...[...files].map(([path, content]) => `  ${path} ${content.length}`),
      ]
      process.stdout.write(`${lines.join('\n')}\n`)
    })
}

function checkoutCommand(): Command {
  return common(new Command('checkout').description('write a revision to a file, to roll back to it'))
    .argument('<revision>', 'a revision or the beginning of one, a commit, a branch or a tag')
    .requiredOption('--out <file>', 'where to write it; a server that watches this file takes it at once')
    .action(async (name: string, options: Options & { readonly out: string }) => {
      const { bytes, from } = await findBundle(resolve(options.root), `${options.name}.tar.gz`, name)
      // whole or not at all: a server may be watching
      await writeFile(`${options.out}.${process.pid}`, bytes)
      await rename(`${options.out}.${process.pid}`, options.out)
      process.stdout.write(`${options.out}: ${from}, ${bytes.length} bytes\n`)
    })
}
