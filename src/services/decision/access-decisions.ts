/** Access decisions for others, through the engine that guards reads: layers come from the active bundle, the time from this host, facts from the record itself. */
import type { Decision, Reason, RecordDecision } from '../../domain/decision.ts'
import { type ErrorCode, PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import { evaluateFact } from '../../domain/facts.ts'
import { parseUserId } from '../../domain/ids.ts'
import type { Json } from '../../domain/json.ts'
import { jsonMembers, keepsNumbers, namesMembersOnce } from '../../domain/json-members.ts'
import type { RecordPolicy, RecordSchema } from '../../domain/record-policy.ts'
import type { Context, Leaf, User } from '../../domain/records.ts'
import { parseResourceId } from '../../domain/resource-id.ts'
import type { LeafQuery, PolicyEngine } from '../../policy/policy-engine.ts'
import type { Answer, DecisionPolicy } from '../api.ts'

export type AccessDecisionsDeps = { readonly engine: () => PolicyEngine; readonly now: () => number }

/** Answers that are remembered at once, and how long a question may be for that, in characters. */
const rememberedMax = 2_000
const rememberedCharsMax = 8_192

/** Whether a mask or a fact suits the caller's schema is for the caller to find out: the record is all that is known here. */
const anySchema: RecordSchema = { accepts: () => 'ok', canCompute: () => true }

/** An input that is malformed, or missing, is denied with `policy.input_invalid`; a member that only this host may set is overridden. */
export function createAccessDecisions({ engine, now }: AccessDecisionsDeps): DecisionPolicy {
  const questions: Readonly<Record<string, (input: Members) => string>> = {
    'access/user': (input) => {
      const { resource } = object(input, 'request')
      const query = { user: userOf(input), context: contextOf(input), resource: parseResourceId(text(resource)) }
      return printDecision(engine().decideUser({ ...query, now: now() }))
    },
    'access/resource': (input) => printDecision(engine().decideResource(leafQuery(input, now()))),
    'access/record': (input) => {
      const query = leafQuery(input, now())
      const record = input.get('record')
      if (record === undefined || jsonMembers(record) === undefined) throw invalid()
      return decideRecord(engine().prepare(query, anySchema), record)
    },
  }
  function decided(entrypoint: string, input: string | undefined): Answer {
    try {
      const members = input === undefined ? undefined : jsonMembers(input)
      // whoever enforces the answer may read the other of two
      if (members === undefined || !namesMembersOnce(input!)) throw invalid()
      return { result: questions[entrypoint]!(members) }
    } catch (thrown) {
      const { code } = toPortcullisError(thrown, 'policy.failed')
      const reasons: readonly Reason[] = [{ code: code.startsWith('policy.') ? code : 'policy.input_invalid' }]
      const result = entrypoint === 'access/record' ? printRecord({ drop: true }, reasons) : printDenial(reasons)
      return { result, problem: code as ErrorCode }
    }
  }

  // the time that rules see is renewed each second, so the same question has the same answer until then
  let memory:
    | { readonly engine: PolicyEngine; readonly second: number; readonly answers: Map<string, Answer> }
    | undefined
  function remembered(): Map<string, Answer> {
    const [active, second] = [engine(), Math.floor(now() / 1000)]
    if (memory?.engine !== active || memory.second !== second) memory = { engine: active, second, answers: new Map() }
    return memory.answers
  }

  return {
    bundle: 'access',
    revision: () => engine().revision,
    entrypoints: Object.keys(questions),
    decide(entrypoint, input) {
      const known = remembered()
      const key = `${entrypoint} ${input}`
      const answer = known.get(key) ?? decided(entrypoint, input)
      if (known.size < rememberedMax && key.length <= rememberedCharsMax) known.set(key, answer)
      return answer
    },
  }
}

function decideRecord(policy: RecordPolicy, record: string): string {
  switch (policy.kind) {
    case 'deny':
      return printRecord({ drop: true }, policy.reasons)
    case 'untouched':
      return printRecord({ drop: false, masks: [] })
    case 'constant':
      return printRecord(policy.decision)
    case 'by-facts': {
      const value = parsed(record)
      return printRecord(policy.decide(policy.facts.map((fact) => evaluateFact(fact, value))))
    }
    case 'by-record':
      return printRecord(policy.decide(Buffer.from(record)))
  }
}

function printDecision(decision: Decision): string {
  if (decision.effect === 'deny') return printDenial(decision.reasons)
  return JSON.stringify({ allow: true, reasons: decision.reasons ?? [] })
}

function printDenial(reasons: readonly Reason[]): string {
  return JSON.stringify({ allow: false, reasons })
}

function printRecord(decision: RecordDecision, reasons: readonly Reason[] = []): string {
  return decision.drop
    ? JSON.stringify({ allow: false, masks: [], reasons })
    : JSON.stringify({ allow: true, masks: decision.masks, reasons })
}

type Members = ReadonlyMap<string, string>

function leafQuery(input: Members, now: number): LeafQuery {
  return { user: userOf(input), context: contextOf(input), leaf: leafOf(input), now }
}

function userOf(input: Members): User {
  // rules would be asked about another user than the caller means
  if (!keepsNumbers(input.get('user') ?? '')) throw invalid()
  const { id, active, roles, attributes } = object(input, 'user')
  if (typeof active !== 'boolean' || !isTexts(roles) || !isObject(attributes)) throw invalid()
  return { id: parseUserId(text(id)), active, roles, attributes: attributes as Readonly<Record<string, Json>> }
}

function contextOf(input: Members): Context {
  const context = object(input, 'context')
  if (!Object.values(context).every((value) => typeof value === 'string') || context.purpose === undefined)
    throw invalid()
  return context as Context
}

function leafOf(input: Members): Leaf {
  const { id, type, format, attributes, product, fields } = object(input, 'resource')
  if (!isObject(attributes) || !Object.values(attributes).every((value) => typeof value === 'string')) throw invalid()
  if (fields !== undefined && !(Array.isArray(fields) && fields.every(isField))) throw invalid()
  return {
    id: parseResourceId(text(id)),
    recordType: text(type),
    mediaType: text(format),
    attributes: attributes as Readonly<Record<string, string>>,
    ...(product === undefined ? {} : { product: text(product) }),
    ...(fields === undefined ? {} : { fields: fields as NonNullable<Leaf['fields']> }),
  }
}

function isField(value: unknown): boolean {
  return isObject(value) && typeof value.path === 'string' && typeof value.classification === 'string'
}

function object(input: Members, name: string): Readonly<Record<string, unknown>> {
  const value: unknown = parsed(input.get(name) ?? 'null')
  if (!isObject(value)) throw invalid()
  return value
}

function parsed(json: string): Json {
  return JSON.parse(json) as Json
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw invalid()
  return value
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(): PortcullisError {
  return new PortcullisError('policy.input_invalid')
}
