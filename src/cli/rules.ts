/** `portcullis rules`: every rule with its severity, what it looks at, and what it rests on. */
import { Command, Option } from 'commander'
import type { RuleInfo } from '../dataproduct/rule-info.ts'

type Options = { readonly format: 'text' | 'json' | 'markdown'; readonly policy?: string }

export function rulesCommand(): Command {
  return new Command('rules')
    .description('list the rules that portcullis check holds data products against')
    .addOption(
      new Option('--format <format>', 'form of the list').choices(['text', 'json', 'markdown']).default('text'),
    )
    .option('--policy <bundle>', 'a bundle of rules instead of the one that comes with portcullis')
    .action(async ({ format, policy }: Options) => {
      const { loadDataproductRules } = await import('../app/dataproduct-policy.ts')
      const rules = loadDataproductRules(policy)
      if (format === 'json') process.stdout.write(`${JSON.stringify(rules, undefined, 2)}\n`)
      else process.stdout.write(format === 'markdown' ? markdownTable(rules) : textTable(rules))
    })
}

const heads = ['Rule', 'Severity', 'Scope', 'Title', 'Regulation']

function cellsOf({
  id,
  severity,
  severityBefore,
  effectiveFrom,
  scope,
  title,
  regulation,
}: RuleInfo): readonly string[] {
  const later = severityBefore === undefined ? severity : `${severityBefore}, ${severity} from ${effectiveFrom ?? '?'}`
  return [id, later, scope, title, regulation.join(', ')]
}

function textTable(rules: readonly RuleInfo[]): string {
  const rows = [heads, ...rules.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n\n${rules.length} rules; portcullis explain <rule> says more of one.\n`
}

function markdownTable(rules: readonly RuleInfo[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(heads), line(heads.map(() => '---')), ...rules.map((rule) => line(cellsOf(rule)))].join('\n')}\n`
}
