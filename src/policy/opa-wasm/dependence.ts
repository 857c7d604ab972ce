/** What the decisions of one read can depend on, by following the plan of access/guard with the record and its facts unknown. */

import { PortcullisError } from '../../domain/errors.ts'
import { nondeterministicBuiltins } from './builtins/nondeterministic.ts'
import type { Bundle } from './bundle.ts'
import type { Watched } from './plan/abstract.ts'
import { planBelongs } from './plan/belonging.ts'
import { type Plan, PlanConflict, PlanUnsupported, parsePlan } from './plan/ir.ts'
import { runPlan } from './plan/machine.ts'
import { createProofs, type Looks } from './proofs.ts'
import type { Value } from './value.ts'
import { isObject } from './value.ts'
import { valueFromJson } from './value-text.ts'

export type Dependence = {
  /** Top-level fields of the record; undefined: all of it. */
  readonly fields: ReadonlySet<string> | undefined
  /** Names `<domain>.<rule>/<fact>`. */
  readonly facts: ReadonlySet<string>
}

export type Dependences = {
  /** `members` are those of the input that are known, as an object in JSON; `facts` what is declared. Undefined: it can't be told, so all of the record. */
  of(members: string, facts: readonly string[]): Dependence | undefined
  /** The same, remembered for all reads that differ in nothing that the plan looked at. */
  ofRead(read: KnownRead, facts: readonly string[]): Dependence | undefined
}

/** What is known of a read's input. */
export type KnownRead = {
  readonly members: string
  /** All that `members` says, but for the resource's id and the time. */
  readonly shared: string
  readonly resource: string
  readonly now: number
}

/** Undefined where there is no plan, or one that can't be followed, or that of another module. @throws bundle.corrupt */
export function createDependences(
  bundle: Pick<Bundle, 'plan' | 'data' | 'files' | 'entrypoints'> & { readonly builtins: readonly string[] },
): Dependences | undefined {
  if (bundle.plan === undefined || bundle.builtins.some((name) => nondeterministicBuiltins.includes(name)))
    return undefined
  const json = parsed(bundle.plan)
  const plan = followable(() => parsePlan(json))
  const module = bundle.files.get('policy.wasm')
  if (plan === undefined || module === undefined || !planBelongs(plan, module, bundle.entrypoints)) return undefined
  const data = valueFromJson(Buffer.from(bundle.data).toString('utf8'))
  const proofs = createProofs<Dependence | undefined>()
  return {
    of: (members, facts) => followable(() => follow(plan, data, members, facts)),
    ofRead: ({ members, shared, resource, now }, facts) =>
      proofs.of(
        { shared: `${shared}${JSON.stringify(facts)}`, resource: JSON.stringify(resource), now: String(now) },
        (onLook) => followable(() => follow(plan, data, members, facts, onLook)),
      ),
  }
}

function parsed(plan: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(plan).toString('utf8'))
  } catch (cause) {
    throw new PortcullisError('bundle.corrupt', {
      message: 'The policy bundle is corrupt: plan.json: not JSON.',
      cause,
    })
  }
}

function follow(
  plan: Plan,
  data: Value,
  members: string,
  facts: readonly string[],
  onLook?: (at: keyof Looks) => void,
): Dependence {
  const known = valueFromJson(members)
  if (!isObject(known)) throw new PlanUnsupported('an input that is not an object')
  const fields = new Set<string>()
  const read = new Set<string>()
  const asked = new Set<string>()
  let all = false
  runPlan(
    {
      plan,
      data,
      input: {
        kind: 'input',
        members: new Map(known.entries.map(([key, value]) => [key as string, watched(key, value, onLook)])),
        sources: new Set(['record', 'facts']),
      },
      facts: namesByRule(facts),
      onRead(of, name) {
        if (of === 'facts of') asked.add(name!)
        else if (of === 'facts') for (const fact of name === undefined ? facts : [name]) read.add(fact)
        else if (name === undefined) all = true
        else fields.add(name)
      },
    },
    'access/guard',
  )
  // one fact of a rule is enough for its facts to be there
  for (const rule of asked)
    if (![...read].some((fact) => ruleOf(fact) === rule)) read.add(facts.find((fact) => ruleOf(fact) === rule)!)
  return { fields: all ? undefined : fields, facts: read }
}

function ruleOf(fact: string): string {
  return fact.slice(0, fact.lastIndexOf('/'))
}

/** What differs from one leaf to the next, and from one moment to the next, is watched. */
function watched(key: Value, value: Value, onLook: ((at: keyof Looks) => void) | undefined): Value | Watched {
  if (onLook === undefined || (key !== 'resource' && key !== 'now')) return value
  return {
    kind: 'watched',
    value,
    onLook(member) {
      if (key === 'now') onLook('now')
      else if (member === undefined || member === 'id') onLook('resource')
    },
  }
}

function namesByRule(facts: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const rules = new Map<string, Set<string>>()
  for (const name of facts) {
    const rule = ruleOf(name)
    const names = rules.get(rule) ?? new Set()
    names.add(name.slice(rule.length + 1))
    rules.set(rule, names)
  }
  return rules
}

/** A plan that can't be followed, or followed only with more depth than there is, tells nothing. */
function followable<Result>(follow: () => Result): Result | undefined {
  try {
    return follow()
  } catch (error) {
    if (error instanceof PlanUnsupported || error instanceof PlanConflict || error instanceof RangeError)
      return undefined
    throw error
  }
}
