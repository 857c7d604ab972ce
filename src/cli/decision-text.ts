/** A decision, and why it is what it is, in words to be read at a glance. */
import type {
  Condition,
  Explanation,
  Field,
  FlipSearch,
  Question,
  RuleOutcome,
  StageExplanation,
  Target,
} from '../app/explain.ts'
import { describeChange } from '../app/explain.ts'
import type { Reason } from '../domain/decision.ts'

const valueLengthMax = 60
const revisionLength = 12

export function decisionText(question: Question, explanation: Explanation): string {
  const { allow, masks, revision } = explanation
  const head = `${allow ? 'PERMITTED' : 'DENIED'}  ${whoAsks(question)}${allow ? maskCount(explanation) : ''}`
  const body = allow ? [...markedRows(explanation), ...(masks ?? []).map(maskRow)] : reasonRows(explanation)
  const silent = allow && masks === undefined ? [[`  give --record: ${dependence(explanation)}`]] : []
  return `${[head, ...aligned([...body, ...silent]), `  policies ${revision.slice(0, revisionLength)}`].join('\n')}\n`
}

/** That the trace does not hold; undefined where it does. */
export function disagreement({ stages }: Explanation): string | undefined {
  const lines = stages.flatMap(({ stage, agreement }) => {
    if (agreement === 'agrees') return []
    if (agreement === 'differs')
      return [
        `WARNING: following the policies by hand came to ANOTHER answer at the ${stage} than the engine. The decision stands; do not trust the reasons below. Please report this.`,
      ]
    return [`The ${stage} decision stands, but could not be traced: ${agreement.unknown}.`]
  })
  return lines.length === 0 ? undefined : lines.join('\n')
}

export function whyText(explanation: Explanation): string {
  const { allow, masks, stages } = explanation
  const last = stages.at(-1)!
  const fired = last.outcomes.filter(({ value }) => value !== undefined)
  const chosen = allow
    ? distinct((masks ?? []).flatMap(({ rules }) => rules))
    : distinct(fired.filter(({ kind }) => kind === 'deny'))
  const unpermitted = !allow && chosen.length === 0 ? last.outcomes.filter(({ kind }) => kind === 'permit') : []
  const sections = [...chosen, ...unpermitted].map(outcomeText)
  const why = sections.length === 0 ? [whyNothing(last, allow)] : sections
  return `Why\n${why.join('\n')}\n${othersText(stages, [...chosen, ...unpermitted])}`
}

export function flipsText({ flips, stuck, decisions, single, complete }: FlipSearch): string {
  if (flips.length === 0 && stuck.length === 0) return ''
  const lines = flips.flatMap(({ targets, ways }) => {
    const size = ways[0]!.length
    const enough =
      size === 1 ? 'one change is enough' : `${size} changes together; no single one that was tried is enough`
    return [`  ${goal(targets)}: ${enough}`, ...ways.map((way) => `    - ${way.map(describeChange).join('  and  ')}`)]
  })
  if (stuck.length > 0) lines.push(`  ${goal(stuck)}: nothing that was tried`)
  const pairs = complete.two ? ', and each two of them' : ''
  const tried = complete.one
    ? `each of ${single} changes${pairs}, with values from the policies and the users`
    : `the search was cut short, so a smaller change may exist`
  return `What would change it\n${lines.join('\n')}\n  (tried: ${decisions} decisions by the engine; ${tried})\n`
}

function whoAsks({ user, resource, request, context }: Question): string {
  const id = (user as { readonly id?: unknown }).id
  const what = (resource as { readonly id?: unknown } | undefined)?.id
  const folder = (request as { readonly resource?: unknown } | undefined)?.resource
  const purpose = (context as { readonly purpose?: unknown }).purpose
  return `${String(id)} asks for ${String(what ?? folder)}, purpose ${JSON.stringify(purpose) ?? 'not stated'}`
}

function maskCount({ masks }: Explanation): string {
  if (masks === undefined) return '; the record decides the rest'
  if (masks.length === 0) return ''
  return masks.length === 1 ? '; 1 field is masked' : `; ${masks.length} fields are masked`
}

function dependence({ dependsOn }: Explanation): string {
  return dependsOn.length === 0
    ? 'dropping and masking depend on it'
    : `dropping and masking depend on ${dependsOn.join(', ')}`
}

/** Permits that rules marked for the audit log. */
function markedRows({ stages }: Explanation): readonly (readonly string[])[] {
  return stages.flatMap(({ stage, reasons }) =>
    reasons.map(({ code, title = '', place = '' }) => [
      `  ${code}`,
      title,
      place,
      `(${stage} decision, for the audit log)`,
    ]),
  )
}

function maskRow({ mask, rules }: NonNullable<Explanation['masks']>[number]): readonly string[] {
  const [rule] = rules
  const names = [...new Set(rules.map(({ rule: name }) => name))].join(', ')
  return [`  ${mask.path}`, mask.action, names, rule?.place ?? '']
}

function reasonRows({ stages }: Explanation): readonly (readonly string[])[] {
  const { stage, reasons, outcomes } = stages.at(-1)!
  return reasons.map((reason) => {
    const fired = outcomes.find(
      ({ rule, kind, value }) => kind === 'deny' && rule === reason.rule && codeOf(value) === reason.code,
    )
    const title = wordsOf(reason, fired)
    return [`  ${reason.code}`, title, fired?.place ?? reason.place ?? '', `(${stage} decision)`]
  })
}

function wordsOf({ code, title, layer }: Reason, fired: RuleOutcome | undefined): string {
  if (code === 'policy.missing') return 'no rule of the organisation is attached to this resource'
  if (code === 'policy.no_permit') return `no rule of layer ${layer ?? '?'} permits it`
  // what the rule itself says of this reason tells what to do about it
  return (typeof fired?.value === 'object' ? title : fired?.title) ?? title ?? ''
}

/** Of a reason as a rule has it: the code, or an object with it. */
function codeOf(value: RuleOutcome['value']): unknown {
  return typeof value === 'object' && value !== null && 'code' in value ? value.code : value
}

function whyNothing({ reasons, stage, agreement }: StageExplanation, allow: boolean): string {
  if (typeof agreement === 'object')
    return `  The ${stage} decision could not be followed: its reasons are known, how each came about is not.`
  if (allow) return '  No rule that was asked denies or masks anything.'
  const codes = reasons.map(({ code }) => code).join(', ')
  return `  No rule denied: the ${stage} decision failed with ${codes}, and what fails is denied.`
}

function outcomeText({ rule, kind, place, title, value, because }: RuleOutcome): string {
  const verb = value === undefined ? `does not ${kind}` : { permit: 'permits', deny: 'denies', mask: 'masks' }[kind]
  const rows = because.flatMap((condition) => conditionRows(condition, 2))
  return [`  ${rule} ${verb}${title === undefined ? '' : `: ${title}`}  ${place}`, ...aligned(rows)].join('\n')
}

function conditionRows(
  { line, held, fields, place, because }: Condition,
  depth: number,
): readonly (readonly string[])[] {
  const row = [
    `${'  '.repeat(depth)}${held ? 'holds' : 'fails'}  ${line}`,
    fields.map(fieldText).join(', '),
    place.slice(place.lastIndexOf('/') + 1),
  ]
  return [row, ...because.flatMap((inner) => conditionRows(inner, depth + 1))]
}

function fieldText({ path, value }: Field): string {
  if (value === undefined) return `${path} is missing`
  const text = JSON.stringify(value)
  return `${path} is ${text.length > valueLengthMax ? `${text.slice(0, valueLengthMax - 3)}...` : text}`
}

function othersText(stages: readonly StageExplanation[], told: readonly RuleOutcome[]): string {
  const names = (wanted: (outcome: RuleOutcome) => boolean) =>
    [...new Set(stages.flatMap(({ outcomes }) => outcomes.filter(wanted).map(({ rule }) => rule)))].sort()
  const shown = new Set(told.map(({ rule }) => rule))
  const permitting = names(({ kind, value }) => kind === 'permit' && value !== undefined)
  const silent = names(({ kind }) => kind !== 'permit').filter(
    (name) =>
      !shown.has(name) &&
      !stages.some(({ outcomes }) =>
        outcomes.some(({ rule, kind, value }) => rule === name && kind !== 'permit' && value !== undefined),
      ),
  )
  return [
    ...(permitting.length === 0 ? [] : [`  permit: ${permitting.join(', ')}\n`]),
    ...(silent.length === 0 ? [] : [`  asked, nothing to object: ${silent.join(', ')}\n`]),
  ].join('')
}

function goal(targets: readonly Target[]): string {
  const paths = targets.flatMap((target) => (target.kind === 'mask' ? [target.path] : []))
  return paths.length === 0 ? 'To be permitted' : `To see ${paths.join(', ')}`
}

/** A rule that masks several fields is told once. */
function distinct(outcomes: readonly RuleOutcome[]): readonly RuleOutcome[] {
  return [...new Map(outcomes.map((outcome) => [`${outcome.rule} ${outcome.place}`, outcome])).values()]
}

/** Columns two blanks apart; the last one of a row is not padded. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries())
      if (row.length > 1) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
