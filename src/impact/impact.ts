/** The effect of a policy change on real requests: every question is asked of both revisions, over the leaves as they are. */
import type { ResourceCatalogue } from '../catalogue/resource-catalogue.ts'
import type { UserDirectory } from '../directory/user-directory.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { ResourceId, UserId } from '../domain/ids.ts'
import type { Context } from '../domain/records.ts'
import type { Format } from '../formats/format.ts'
import type { Reader } from '../readers/reader.ts'
import { type CompareLeafDeps, compareLeaf, type LeafImpact } from './compare-leaf.ts'

export type Question = { readonly user: UserId; readonly resource: ResourceId; readonly context: Context }

export type QuestionImpact = Question & {
  readonly roles: readonly string[]
  readonly asksBefore: boolean
  readonly asksAfter: boolean
  readonly leaves: readonly LeafImpact[]
  /** Leaves whose data could not be read, and why: nothing is known of their records. */
  readonly unread: readonly { readonly leaf: ResourceId; readonly code: string }[]
  /** Why the question could not be asked at all, such as a user who is gone. */
  readonly failed?: string
}

export type ImpactDeps = CompareLeafDeps & {
  readonly directory: UserDirectory
  readonly catalogue: ResourceCatalogue
  readonly readers: readonly Reader[]
  readonly formats: readonly Format[]
  readonly now: number
}

export type SourceDeps = Pick<ImpactDeps, 'catalogue' | 'readers' | 'formats' | 'signal'>

/** One question after the other, as they come: a caller may show progress. */
export async function* impactOf(deps: ImpactDeps, questions: Iterable<Question>): AsyncGenerator<QuestionImpact> {
  for (const question of questions) yield await ask(deps, question)
}

async function ask(deps: ImpactDeps, question: Question): Promise<QuestionImpact> {
  const nothing = { ...question, roles: [], asksBefore: false, asksAfter: false, leaves: [], unread: [] }
  try {
    const user = await deps.directory.find(question.user)
    const { resource, context } = question
    const may = ({ engine }: CompareLeafDeps['before']) =>
      engine.decideUser({ user, context, resource, now: deps.now }).effect === 'permit'
    const asks = { before: may(deps.before), after: may(deps.after) }
    const asked = { ...nothing, roles: user.roles, asksBefore: asks.before, asksAfter: asks.after }
    if (!asks.before && !asks.after) return asked
    const leaves: LeafImpact[] = []
    const unread: { leaf: ResourceId; code: string }[] = []
    for await (const leaf of deps.catalogue.leaves(resource, { signal: deps.signal }))
      try {
        const query = { user, context, leaf, now: deps.now }
        leaves.push(await compareLeaf(deps, query, asks, await sourceOf(deps, leaf.id, leaf.mediaType)))
      } catch (thrown) {
        if (!(thrown instanceof PortcullisError)) throw thrown
        unread.push({ leaf: leaf.id, code: thrown.code })
      }
    return { ...asked, leaves, unread }
  } catch (thrown) {
    if (!(thrown instanceof PortcullisError)) throw thrown
    return { ...nothing, failed: thrown.code }
  }
}

/** @throws format.unknown, source.* */
export async function sourceOf({ catalogue, readers, formats, signal }: SourceDeps, id: ResourceId, mediaType: string) {
  const format = formats.find(({ mediaTypes }) => mediaTypes.includes(mediaType))
  if (format === undefined) throw new PortcullisError('format.unknown')
  return {
    format,
    async bytes() {
      const { place } = await catalogue.locate(id)
      const reader = readers.find(({ scheme }) => scheme === place.scheme)
      if (reader === undefined) throw new PortcullisError('source.unavailable')
      return (await reader.open(place, { signal })).bytes
    },
  }
}
