/** A question to an access bundle as a document, and what WASM, which decides, answers to it, stage by stage. */
import type { Mask, Reason } from '../../../domain/decision.ts'
import { toPortcullisError } from '../../../domain/errors.ts'
import type { Json } from '../../../domain/json.ts'
import type { FactSelector } from '../../../domain/record-policy.ts'
import type { AccessBundle } from '../access-bundle.ts'
import { isRecord } from '../bundle.ts'
import { answerOf, layersOf, type MaskRules, recordAnswerOf } from '../decision-text.ts'
import type { Dependence, Dependences } from '../dependence.ts'
import { factsOfRecord, factsPrinter, resolveFact } from '../facts.ts'
import type { WasmInstance } from '../instance.ts'
import { printJson } from '../json-text.ts'

/** Members of the input. A `resource` is a leaf; without one, the question is the user decision about `request.resource`. */
export type Question = {
  readonly user: Json
  readonly context: Json
  readonly request?: Json
  readonly resource?: Json
  readonly record?: Json
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Facts of the record that are taken as given, by name, instead of being computed from it. */
  readonly facts?: Readonly<Record<string, Json>>
}

export type StageName = 'user' | 'resource' | 'record'
export type Stage = {
  readonly stage: StageName
  readonly entrypoint: string
  /** What was evaluated, as JSON. */
  readonly input: string
  readonly allow: boolean
  readonly reasons: readonly Reason[]
  /** As WASM printed it; undefined where it ended with an error. */
  readonly text: string | undefined
}
export type Verdict = {
  readonly allow: boolean
  readonly stages: readonly Stage[]
  /** Undefined where the record decides and was not given. */
  readonly masks: readonly Mask[] | undefined
  readonly facts: readonly FactSelector[]
  /** What of the record the decision can depend on; undefined: not asked, or it can't be told. */
  readonly dependence: Dependence | undefined
}

export type DeciderDeps = {
  readonly access: AccessBundle
  readonly instance: WasmInstance
  readonly masks: MaskRules
  readonly dependences: Dependences | undefined
}

/** Total: what fails is a denial with its code. */
export function createDecider({ access, instance, masks, dependences }: DeciderDeps): (question: Question) => Verdict {
  function ask(stage: StageName, entrypoint: string, input: string): Stage & { readonly masks?: readonly Json[] } {
    try {
      const text = instance.evaluate(entrypoint, input)
      const answer = stage === 'record' ? recordAnswerOf(text, access.rules) : answerOf(text, access.rules)
      return { stage, entrypoint, input, text, ...answer }
    } catch (thrown) {
      const reasons = [{ code: toPortcullisError(thrown, 'policy.failed').code }]
      return { stage, entrypoint, input, text: undefined, allow: false, reasons }
    }
  }

  function factsOf(members: Readonly<Record<string, Json>>, rules: readonly string[]): readonly FactSelector[] {
    return [...new Set(rules)]
      .sort()
      .flatMap((name) => access.rules.get(name)?.facts ?? [])
      .map((declaration) => resolveFact(declaration, members))
  }

  function atRecord(question: Question, members: Readonly<Record<string, Json>>, before: Stage): Verdict {
    const stages = [before]
    const closed = (reasons: readonly Reason[]): Verdict => {
      const input = printJson(members)
      const stage: Stage = {
        stage: 'record',
        entrypoint: 'access/attached',
        input,
        text: undefined,
        allow: false,
        reasons,
      }
      return { allow: false, stages: [...stages, stage], masks: [], facts: [], dependence: undefined }
    }
    try {
      const layers = layersOf(instance.evaluate('access/attached', printJson(members)))
      if (layers === undefined) return closed([{ code: 'policy.missing' }])
      const facts = factsOf(
        members,
        layers.flatMap(({ rules }) => rules.map((pair) => pair.join('.'))),
      )
      const known = { ...members, layers: layers as unknown as Json }
      const dependence =
        question.record !== undefined
          ? undefined
          : dependences?.of(
              printJson(known),
              facts.map(({ name }) => name),
            )
      const constant = dependence?.fields?.size === 0 && dependence.facts.size === 0
      if (question.record === undefined && !constant)
        return { allow: true, stages, masks: undefined, facts, dependence }
      const record = Buffer.from(printJson(question.record ?? {}))
      const values = factsOfRecord(facts, record).map((value, index) => question.facts?.[facts[index]!.name] ?? value)
      const input = `${printJson(known).slice(0, -1)},"record":${record.toString()},"facts":${factsPrinter(facts)(values)}}`
      const stage = ask('record', 'access/guard', input)
      const merged = stage.allow ? masks.merge((stage.masks ?? []).map((mask) => masks.parse(mask))) : []
      return { allow: stage.allow, stages: [...stages, stage], masks: merged, facts, dependence }
    } catch (thrown) {
      return closed([{ code: toPortcullisError(thrown, 'policy.failed').code }])
    }
  }

  return (question) => {
    const { user, context, request, resource, now } = question
    if (resource === undefined) {
      const stage = ask('user', 'access/user', printJson({ user, context, request: request ?? {}, now }))
      return { allow: stage.allow, stages: [stage], masks: [], facts: [], dependence: undefined }
    }
    const members = { user, context, resource, now }
    const stage = ask('resource', 'access/resource', printJson(members))
    if (!stage.allow) return { allow: false, stages: [stage], masks: [], facts: [], dependence: undefined }
    return atRecord(question, members, stage)
  }
}

/** What `--input` holds, or a line of inputs. @throws Error in words of what is wrong */
export function parseQuestion(json: unknown, now: number): Question {
  if (!isRecord(json)) throw new Error('expected an object with user, context, and resource or request')
  const { user, context = {}, request, resource, record, now: given = now } = json as Readonly<Record<string, Json>>
  if (!isRecord(user)) throw new Error('user: expected an object with id, active, roles, attributes')
  if (resource === undefined && request === undefined) throw new Error('resource (a leaf) or request is missing')
  if (resource !== undefined && (!isRecord(resource) || typeof resource.id !== 'string'))
    throw new Error('resource: expected an object with id, type, format, attributes')
  if (typeof given !== 'number') throw new Error('now: expected milliseconds since the epoch')
  return {
    user: user as Json,
    context,
    now: given,
    ...(request === undefined ? {} : { request }),
    ...(resource === undefined ? {} : { resource }),
    ...(record === undefined ? {} : { record }),
  }
}
