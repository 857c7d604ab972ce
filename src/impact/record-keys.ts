/** What the example records of a report are called: one field of each, and nothing else of them. */
import type { ResourceId } from '../domain/ids.ts'
import { parsePointer } from '../domain/json-pointer.ts'
import { type QuestionImpact, type SourceDeps, sourceOf } from './impact.ts'

/** By `leaf#position`. A record without the field, or where it is no text and no number, has none. @throws source.*, format.* */
export async function recordKeys(
  deps: SourceDeps,
  impacts: readonly QuestionImpact[],
  pointer: string,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<ResourceId, Set<number>>()
  for (const { leaf, records } of impacts.flatMap(({ leaves }) => leaves))
    for (const at of [...(records?.gainedAt ?? []), ...(records?.lostAt ?? [])])
      wanted.set(leaf, (wanted.get(leaf) ?? new Set()).add(at))
  const path = parsePointer(pointer)
  const keys = new Map<string, string>()
  for (const [leaf, places] of wanted) {
    const { leaf: found } = await deps.catalogue.locate(leaf)
    const source = await sourceOf(deps, leaf, found.mediaType)
    const last = Math.max(...places)
    let at = -1
    const guarded = source.format.guard(await source.bytes(), {
      policyFor: () => ({
        kind: 'by-record',
        fields: path.slice(0, 1),
        decide(record) {
          at++
          const key = places.has(at) ? fieldOf(record, path) : undefined
          if (key !== undefined) keys.set(`${leaf}#${at}`, key)
          return { drop: true }
        },
      }),
      counts: { processed: -1, returned: -1 },
      signal: deps.signal,
    })
    for await (const _ of guarded) if (at >= last) break
  }
  return keys
}

function fieldOf(record: Uint8Array, path: readonly string[]): string | undefined {
  let value: unknown = JSON.parse(Buffer.from(record).toString('utf8'))
  for (const name of path)
    value = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
