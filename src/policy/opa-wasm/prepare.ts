/** From one read's request to the way its records are decided. */
import { toPortcullisError } from '../../domain/errors.ts'
import type { FactSelector, RecordPolicy, RecordSchema } from '../../domain/record-policy.ts'
import type { LeafQuery } from '../policy-engine.ts'
import { leafMembers, membersButId, requestOf } from './access-input.ts'
import { checkedPolicy } from './checked-policy.ts'
import { createDecisionCache } from './decision-cache.ts'
import { type Layer, layersOf } from './decision-text.ts'
import type { KnownRead } from './dependence.ts'
import type { Engine } from './engine.ts'
import { resolveFact } from './facts.ts'
import { createFactsPolicy, createRecordPolicy, decideOnce, neededFacts } from './fast-paths.ts'
import { printJson } from './json-text.ts'
import { createPlainPath, type Read } from './plain-path.ts'

/** @throws mask.path_unknown, mask.not_expressible, mask.malformed of masks that are known before the first record */
export function prepareRecords(engine: Engine, query: LeafQuery, schema: RecordSchema): RecordPolicy {
  try {
    const members = `${leafMembers(query)},"now":${printJson(query.now)}`
    const layers = layersOf(engine.instance.evaluate('access/attached', `{${members}}`))
    if (layers === undefined) return { kind: 'deny', reasons: [{ code: 'policy.missing' }] }
    const facts = factsOf(engine, layers, query)
    const unavailable = facts.filter((fact) => !schema.canCompute(fact))
    if (unavailable.length > 0) return { kind: 'deny', reasons: unavailable.map(unavailableReason) }
    const decisions = createDecisionCache(engine, schema)
    const printed = printJson(layers)
    const read: Read = { members: `${members},"layers":${printed}`, facts, decisions }
    const plain = createPlainPath(engine.instance, read)
    if (!engine.fast) return { kind: 'by-record', fields: undefined, decide: plain }
    const known = { shared: `${membersButId(query)},"layers":${printed}`, resource: query.leaf.id, now: query.now }
    const fast = fastPolicy(engine, read, { ...known, members: `{${read.members}}` })
    return engine.isChecked() ? checkedPolicy(fast, plain, engine.onDifference) : fast
  } catch (thrown) {
    const error = toPortcullisError(thrown, 'policy.failed')
    if (error.code.startsWith('mask.')) throw error
    return { kind: 'deny', reasons: [{ code: error.code }] }
  }
}

function fastPolicy({ instance, dependences }: Engine, read: Read, known: KnownRead): RecordPolicy {
  const names = read.facts.map(({ name }) => name)
  const dependence = dependences?.ofRead(known, names)
  if (dependence?.fields?.size !== 0) return createRecordPolicy(instance, read, dependence)
  const needed = neededFacts(read.facts, dependence)
  if (needed.length > 0) return createFactsPolicy(instance, read, needed)
  const decision = decideOnce(instance, read)
  return !decision.drop && decision.masks.length === 0 ? { kind: 'untouched' } : { kind: 'constant', decision }
}

function factsOf(engine: Engine, layers: readonly Layer[], query: LeafQuery): readonly FactSelector[] {
  const names = new Set(layers.flatMap(({ rules }) => rules.map((pair) => pair.join('.'))))
  const request = requestOf(query)
  return [...names]
    .sort()
    .flatMap((name) => engine.access.rules.get(name)?.facts ?? [])
    .map((declaration) => resolveFact(declaration, request))
}

function unavailableReason(fact: FactSelector) {
  return { code: 'fact.unavailable', rule: fact.name.slice(0, fact.name.lastIndexOf('/')) }
}
