/** The report of a policy change for a terminal, and as Markdown for the pull request. */
import type { Group, ImpactReport } from './report.ts'

export function printText(report: ImpactReport): string {
  const groups = report.groups.map(({ who, effects }) =>
    [who, ...effects.map((effect) => `  ${mark(effect.widens)} ${effect.sentence}${shown(effect.examples)}`)].join(
      '\n',
    ),
  )
  return `${[...groups, ...unread(report, '  '), summary(report)].join('\n')}\n`
}

export function printMarkdown(report: ImpactReport): string {
  const group = ({ who, effects }: Group) => [
    `**${who}**`,
    '',
    ...effects.map((effect) => `- ${mark(effect.widens)} ${effect.sentence}${shown(effect.examples)}`),
    '',
  ]
  return `${['### Effect of this policy change', '', ...report.groups.flatMap(group), ...unread(report, '- '), summary(report)].join('\n')}\n`
}

/** Access that grows is what a reviewer must not overlook. */
function mark(widens: boolean): string {
  return widens ? '[wider]' : '[tighter]'
}

function shown(examples: string | undefined): string {
  return examples === undefined || examples === '' ? '' : `; such as ${examples}`
}

function unread({ unread: parts }: ImpactReport, bullet: string): readonly string[] {
  return parts.length === 0 ? [] : ['could not be looked at:', ...parts.map((part) => `${bullet}${part}`), '']
}

function summary({ questions, leaves, records, widened, groups, unread }: ImpactReport): string {
  const looked = `${questions} requests, ${leaves} leaves and ${records} records compared`
  if (groups.length === 0)
    return `${looked}: nothing changes${unread.length === 0 ? '' : ' in what could be looked at'}.`
  return `${looked}: access ${widened ? 'widens' : 'only tightens'}.`
}
