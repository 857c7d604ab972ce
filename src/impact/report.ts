/** What a policy change does, as sentences: users whose requests are affected alike are told together. */
import type { LeafImpact } from './compare-leaf.ts'
import type { QuestionImpact } from './impact.ts'
import type { MaskChange } from './tally.ts'

export type Effect = {
  readonly widens: boolean
  readonly sentence: string /** Positions of example records, by leaf. */
  readonly examples?: string
}

/** `who`: users with the same roles, and the same purpose, for whom the same changes. */
export type Group = { readonly who: string; readonly users: readonly string[]; readonly effects: readonly Effect[] }

export type ImpactReport = {
  readonly questions: number
  readonly leaves: number
  readonly records: number
  readonly widened: boolean
  readonly groups: readonly Group[]
  /** What could not be looked at; a report with any of these is not complete. */
  readonly unread: readonly string[]
}

/** How a record is named in examples; default: by its position. */
export type NameRecord = (leaf: string, at: number) => string

export function reportOf(
  impacts: readonly QuestionImpact[],
  nameRecord: NameRecord = (_, at) => `#${at}`,
): ImpactReport {
  const groups = groupsOf(impacts, nameRecord)
  const leaves = impacts.flatMap((impact) => impact.leaves)
  return {
    questions: impacts.length,
    leaves: leaves.length,
    records: leaves.reduce((sum, { records }) => sum + (records?.records ?? 0), 0),
    widened: groups.some(({ effects }) => effects.some(({ widens }) => widens)),
    groups,
    unread: [...new Set(impacts.flatMap(unreadOf))],
  }
}

type Affected = { readonly impact: QuestionImpact; readonly effects: readonly Effect[] }

/** First the purposes of one user, then the users with the same roles. */
function groupsOf(impacts: readonly QuestionImpact[], nameRecord: NameRecord): readonly Group[] {
  const affected = impacts
    .map((impact): Affected => ({ impact, effects: effectsOf(impact, nameRecord) }))
    .filter(({ effects }) => effects.length > 0)
  const alike = (effects: readonly Effect[]) => JSON.stringify(effects.map(({ sentence }) => sentence))
  const byUser = grouped(affected, ({ impact, effects }) => [impact.user, impact.resource, alike(effects)])
  const users = byUser.map((same) => {
    const asked = impacts.filter(
      ({ user, resource }) => user === same[0]!.impact.user && resource === same[0]!.impact.resource,
    )
    return { ...same[0]!, purposes: purposesOf(same, asked) }
  })
  const byRoles = grouped(users, ({ impact, effects, purposes }) => [
    rolesOf(impact),
    impact.resource,
    purposes,
    alike(effects),
  ])
  return byRoles.map((same) => {
    const { impact, effects, purposes } = same[0]!
    const names = same.map((one) => one.impact.user)
    return { who: `${names.join(', ')} (${rolesOf(impact)}), ${purposes}, ${impact.resource}`, users: names, effects }
  })
}

function purposesOf(affected: readonly Affected[], asked: readonly QuestionImpact[]): string {
  const names = [...new Set(affected.map(({ impact }) => impact.context.purpose || 'none'))]
  const all = new Set(asked.map(({ context }) => context.purpose || 'none')).size
  if (names.length === all && all > 1) return 'whatever the purpose'
  return `${names.length === 1 ? 'purpose' : 'purposes'} ${names.join(', ')}`
}

function rolesOf({ roles }: QuestionImpact): string {
  return roles.length === 0 ? 'no role' : roles.join(', ')
}

function grouped<Item>(items: readonly Item[], key: (item: Item) => readonly string[]): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const name = JSON.stringify(key(item))
    groups.set(name, [...(groups.get(name) ?? []), item])
  }
  return [...groups.values()]
}

function unreadOf({ user, resource, failed, unread }: QuestionImpact): readonly string[] {
  return [
    ...(failed === undefined ? [] : [`${user} asking for ${resource}: ${failed}`]),
    ...unread.map(({ leaf, code }) => `${leaf}: ${code}`),
  ]
}

function effectsOf(impact: QuestionImpact, nameRecord: NameRecord): readonly Effect[] {
  const { asksBefore, asksAfter, leaves } = impact
  const asking: readonly Effect[] =
    asksBefore === asksAfter ? [] : [{ widens: asksAfter, sentence: asksAfter ? 'may now ask' : 'may no longer ask' }]
  return [...asking, ...leaves.flatMap((leaf) => leafEffects(leaf, nameRecord))]
}

function leafEffects(impact: LeafImpact, nameRecord: NameRecord): readonly Effect[] {
  const { leaf, seenBefore, seenAfter, records, refusedBefore, refusedAfter } = impact
  const name = leaf.slice(leaf.lastIndexOf('/') + 1)
  const effects: Effect[] = []
  const examples = (places: readonly number[]) => ({
    examples: places.map((at) => nameRecord(leaf, at)).join(', '),
  })
  if (seenBefore !== seenAfter) {
    const visible = (seenAfter ? records?.visibleAfter : records?.visibleBefore) ?? 0
    const places = (seenAfter ? records?.gainedAt : records?.lostAt) ?? []
    const what = `${seenAfter ? 'gains' : 'loses'} ${name}`
    return [
      {
        widens: seenAfter,
        sentence: records === undefined ? what : `${what} with ${count(visible)} visible`,
        ...examples(places),
      },
    ]
  }
  if (refusedBefore !== refusedAfter)
    effects.push(
      refusedAfter === undefined
        ? { widens: true, sentence: `${name}: can be read again; it was refused with ${refusedBefore}` }
        : { widens: false, sentence: `${name}: is refused with ${refusedAfter}` },
    )
  if (records === undefined) return effects
  if (records.gained > 0)
    effects.push({
      widens: true,
      sentence: `+${count(records.gained)} visible in ${name} (${records.visibleBefore} before, ${records.visibleAfter} after)`,
      ...examples(records.gainedAt),
    })
  if (records.lost > 0)
    effects.push({
      widens: false,
      sentence: `-${count(records.lost)} visible in ${name} (${records.visibleBefore} before, ${records.visibleAfter} after)`,
      ...examples(records.lostAt),
    })
  for (const change of records.masks.values()) effects.push(maskEffect(change, name))
  return effects
}

function maskEffect({ path, what, before, after, records }: MaskChange, name: string): Effect {
  const where = `in ${count(records)} of ${name}`
  switch (what) {
    case 'unmasked':
      return { widens: true, sentence: `${path} no longer masked ${where} (was ${before})` }
    case 'masked':
      return { widens: false, sentence: `${path} masked ${where} (${after})` }
    case 'weaker':
      return { widens: true, sentence: `${path} masked less strictly ${where} (${before} before, ${after} after)` }
    case 'stricter':
      return { widens: false, sentence: `${path} masked more strictly ${where} (${before} before, ${after} after)` }
  }
}

function count(records: number): string {
  return records === 1 ? '1 record' : `${records} records`
}
