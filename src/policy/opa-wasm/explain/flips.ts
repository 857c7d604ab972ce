/** The smallest change of an attribute that would turn a denial or a mask: tried one by one, then two at once, each decided by WASM. */

import { evaluateFact } from '../../../domain/facts.ts'
import type { Json } from '../../../domain/json.ts'
import type { FactSelector } from '../../../domain/record-policy.ts'
import { isRecord } from '../bundle.ts'
import { applyChange, type Change, valueAt } from './changes.ts'
import type { Question, Verdict } from './question.ts'

/** Decisions that one search may take. */
export const flipDecisionsMax = 5_000
/** Ways that are told of each denial or mask. */
const waysMax = 3

/** Values worth trying, by field: from the policies' constants and data, and from the users that are known. */
export type Vocabulary = ReadonlyMap<string, readonly Json[]>
export type Target = { readonly kind: 'denial' } | { readonly kind: 'mask'; readonly path: string }
export type Flip = {
  /** What changes together. */
  readonly targets: readonly Target[]
  /** Each alone turns all targets; all of them change equally many attributes. */
  readonly ways: readonly (readonly Change[])[]
}
export type FlipSearch = {
  readonly flips: readonly Flip[]
  /** What nothing that was tried turns. */
  readonly stuck: readonly Target[]
  readonly decisions: number
  readonly single: number
  /** Whether each change alone, and each two, were tried; a search that was cut short proves nothing. */
  readonly complete: { readonly one: boolean; readonly two: boolean }
}

type Decide = (question: Question) => Verdict

export function searchFlips(decide: Decide, question: Question, vocabulary: Vocabulary): FlipSearch {
  const verdict = decide(question)
  const targets: Target[] = verdict.allow
    ? (verdict.masks ?? []).map(({ path }) => ({ kind: 'mask', path }))
    : [{ kind: 'denial' }]
  const ways = new Map<Target, Change[][]>(targets.map((target) => [target, []]))
  const changes =
    targets.length === 0 ? [] : [...changesOf(question, vocabulary), ...factChanges(question, verdict.facts)]
  let decisions = 0

  function tryAll(attempts: Iterable<readonly Change[]>, open: readonly Target[]): boolean {
    for (const attempt of attempts) {
      if (decisions >= flipDecisionsMax) return false
      decisions++
      const changed = decide(attempt.reduce(applyChange, question))
      for (const target of open) if (turned(changed, target)) ways.get(target)!.push([...attempt])
    }
    return true
  }

  const one = tryAll(
    changes.map((change) => [change]),
    targets,
  )
  const open = targets.filter((target) => ways.get(target)!.length === 0)
  const two = one && (open.length === 0 || tryAll(pairsOf(changes), open))
  return {
    flips: grouped(ways),
    stuck: targets.filter((target) => ways.get(target)!.length === 0),
    decisions,
    single: changes.length,
    complete: { one, two: two && open.length > 0 },
  }
}

function turned({ allow, masks }: Verdict, target: Target): boolean {
  if (!allow) return false
  if (target.kind === 'denial') return true
  const { path } = target
  return (
    masks?.every(
      (mask) => mask.path !== path && !mask.path.startsWith(`${path}/`) && !path.startsWith(`${mask.path}/`),
    ) === true
  )
}

function grouped(ways: ReadonlyMap<Target, Change[][]>): readonly Flip[] {
  const groups = new Map<string, { targets: Target[]; ways: readonly (readonly Change[])[] }>()
  for (const [target, found] of ways) {
    if (found.length === 0) continue
    const chosen = found.slice(0, waysMax)
    const key = JSON.stringify(chosen)
    const group = groups.get(key) ?? { targets: [], ways: chosen }
    group.targets.push(target)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function* pairsOf(changes: readonly Change[]): Generator<readonly Change[]> {
  for (const [index, first] of changes.entries())
    for (const second of changes.slice(index + 1))
      if (first.field !== second.field || (first.kind === 'add' && second.kind === 'add')) yield [first, second]
}

/** What a question is about stays: the user's id, the resource, the time. */
const changeable = [
  /^context\./,
  /^user\.active$/,
  /^user\.roles$/,
  /^user\.attributes\./,
  /^resource\.attributes\./,
  /^record\./,
]

function changesOf(question: Question, vocabulary: Vocabulary): readonly Change[] {
  return changeable.flatMap((pattern) =>
    [...vocabulary]
      .filter(([field]) => pattern.test(field) && !(field.startsWith('record.') && question.record === undefined))
      .flatMap(([field, values]) => changesOfField(field, valueAt(question, field), values)),
  )
}

function changesOfField(field: string, current: Json | undefined, values: readonly Json[]): readonly Change[] {
  if (Array.isArray(current)) {
    const items = current as readonly Json[]
    return [
      ...values.filter((value) => !items.includes(value)).map((value): Change => ({ kind: 'add', field, value })),
      ...items.map((value): Change => ({ kind: 'drop', field, value })),
    ]
  }
  const others = typeof current === 'boolean' ? [...new Set<Json>([!current, ...values])] : values
  const set = others.filter((value) => value !== current).map((value): Change => ({ kind: 'set', field, value }))
  if (current !== undefined) return set
  return [...set, ...values.map((value): Change => ({ kind: 'add', field, value }))]
}

/** The same fact of several rules is one property of the record. */
function factChanges(question: Question, facts: readonly FactSelector[]): readonly Change[] {
  if (!isRecord(question.record)) return []
  const groups = new Map<string, FactSelector[]>()
  for (const fact of facts) {
    const { name: _, ...rest } = fact
    const key = JSON.stringify(rest)
    groups.set(key, [...(groups.get(key) ?? []), fact])
  }
  return [...groups.values()].flatMap((group): readonly Change[] => {
    const [fact] = group
    const value = evaluateFact(fact!, question.record!)
    // of a fact that fetches a value, the values are those of a record's field
    if (typeof value !== 'boolean') return []
    const { name: _, ...selector } = fact!
    return [
      { kind: 'fact', field: `record${fact!.path}`, value: !value, names: group.map(({ name }) => name), selector },
    ]
  })
}
