/** Why a decision is what it is: WASM decides, the plan is followed beside it, and what it tells counts only where both came to the same. */
import type { Mask } from '../../../domain/decision.ts'
import { PortcullisError } from '../../../domain/errors.ts'
import { readAccessBundle } from '../access-bundle.ts'
import { nondeterministicBuiltins } from '../builtins/nondeterministic.ts'
import { suppliedBuiltins } from '../builtins/supplied.ts'
import { type MaskRules, resultOf } from '../decision-text.ts'
import { createDependences } from '../dependence.ts'
import { createInstance } from '../instance.ts'
import { type Plan, PlanUnsupported, parsePlan } from '../plan/ir.ts'
import { equalValues, type Value } from '../value.ts'
import { valueFromJson } from '../value-text.ts'
import { createDecider, type Question, type Stage, type Verdict } from './question.ts'
import { createSources, type Sources } from './sources.ts'
import { type Trace, tracePlan } from './trace.ts'
import { outcomesOf, type RuleOutcome } from './why.ts'

/** `differs`: the plan came to something else than WASM did, so nothing below is an explanation. */
export type Agreement = 'agrees' | 'differs' | { readonly unknown: string }
export type StageExplanation = Omit<Stage, 'input' | 'text'> & {
  readonly agreement: Agreement
  readonly outcomes: readonly RuleOutcome[]
}
/** A mask and the rules that asked for its path, or for one above or below it. */
export type MaskExplanation = { readonly mask: Mask; readonly rules: readonly RuleOutcome[] }
export type Explanation = {
  readonly allow: boolean
  readonly revision: string
  /** Undefined where the record decides and was not given. */
  readonly masks: readonly MaskExplanation[] | undefined
  readonly stages: readonly StageExplanation[]
  /** Names of facts and top-level fields of the record that decide, where it was not given. */
  readonly dependsOn: readonly string[]
}

export type Explainer = {
  readonly revision: string
  readonly plan: Plan
  readonly data: Value
  readonly sources: Sources
  readonly facts: ReadonlyMap<
    string,
    readonly { readonly name: string; readonly path: string; readonly reference?: string }[]
  >
  decide(question: Question): Verdict
  explain(question: Question): Explanation
  /** The rules that were asked in an evaluation, and what they said. */
  trace(stage: Stage): { readonly trace: Trace; readonly agreement: Agreement }
}

/** @throws bundle.missing, bundle.corrupt, bundle.refused, builtin.missing */
export function createExplainer(options: {
  readonly bundle: string | Uint8Array
  readonly masks: MaskRules
}): Explainer {
  const access = readAccessBundle(options.bundle)
  const plan = planOf(access.bundle.plan)
  const data = valueFromJson(access.bundle.data.toString('utf8'))
  const host = suppliedBuiltins({ withhold: nondeterministicBuiltins })
  const instance = createInstance({ wasm: access.bundle.module, data: access.bundle.data, builtins: host })
  const dependences = createDependences({
    ...access.bundle,
    builtins: instance.builtinNames,
  })
  const sources = createSources(access, plan)
  const decide = createDecider({ access, instance, masks: options.masks, dependences })

  function trace(stage: Stage): { readonly trace: Trace; readonly agreement: Agreement } {
    const followed = tracePlan({ plan, data, host }, stage.entrypoint, stage.input)
    return { trace: followed, agreement: agreementOf(stage, followed) }
  }

  function explainStage(stage: Stage): StageExplanation {
    const { stage: name, entrypoint, allow, reasons } = stage
    const { trace: followed, agreement } = trace(stage)
    const outcomes = followed.kind === 'unknown' ? [] : outcomesOf(followed.steps, sources)
    return { stage: name, entrypoint, allow, reasons, agreement, outcomes }
  }

  return {
    revision: access.revision,
    plan,
    data,
    sources,
    facts: new Map([...access.rules].map(([name, rule]) => [name, rule.facts])),
    decide,
    trace,
    explain(question) {
      const { allow, masks, stages, dependence } = decide(question)
      const explained = stages.map(explainStage)
      const asked = explained.at(-1)?.outcomes.filter(({ kind, value }) => kind === 'mask' && value !== undefined) ?? []
      return {
        allow,
        revision: access.revision,
        masks: masks?.map((mask) => ({ mask, rules: asked.filter((rule) => concerns(rule, mask.path)) })),
        stages: explained,
        dependsOn: masks === undefined ? [...(dependence?.facts ?? []), ...(dependence?.fields ?? [])].sort() : [],
      }
    },
  }
}

function planOf(bytes: Buffer | undefined): Plan {
  const without = (why: string): PortcullisError =>
    new PortcullisError('bundle.refused', {
      message: `This bundle cannot be explained: ${why}. Build it with portcullis bundle build.`,
    })
  if (bytes === undefined) throw without('it holds no plan.json')
  try {
    return parsePlan(JSON.parse(bytes.toString('utf8')))
  } catch (error) {
    if (error instanceof PlanUnsupported) throw without(error.message)
    throw error
  }
}

function agreementOf({ text }: Stage, trace: Trace): Agreement {
  if (trace.kind === 'unknown') return { unknown: trace.why }
  if (text === undefined)
    return trace.kind === 'conflict'
      ? 'agrees'
      : { unknown: 'the evaluation ended with an error that the trace does not have' }
  if (trace.kind === 'conflict') return 'differs'
  const decided = resultOf(text)
  if (decided === undefined || trace.result === undefined) return decided === trace.result ? 'agrees' : 'differs'
  // the plan's results are wrapped as WASM's are
  return equalValues(decided, unwrapped(trace.result)) ? 'agrees' : 'differs'
}

function unwrapped(result: Value): Value {
  const members = result as { readonly entries?: readonly (readonly [Value, Value])[] }
  return members.entries?.find(([key]) => key === 'result')?.[1] ?? result
}

export function concerns({ value }: RuleOutcome, path: string): boolean {
  const own = (value as { readonly path?: unknown } | undefined)?.path
  if (typeof own !== 'string') return false
  return own === path || own.startsWith(`${path}/`) || path.startsWith(`${own}/`)
}
