/** Which rules fired in an evaluation that was traced, which stayed silent, and the conditions that led there, each at its line. */
import type { Json } from '../../../domain/json.ts'
import { jsonOf } from '../plain-json.ts'
import { isKnown } from '../plan/abstract.ts'
import type { Block, Place, Statement } from '../plan/ir.ts'
import { isSet } from '../value.ts'
import type { Sources } from './sources.ts'
import type { Call, FieldRead, Step } from './trace.ts'

/** `value` is absent where the input does not have the field. */
export type Field = { readonly path: string; readonly value?: Json }
/** A line of Rego that held or failed, the fields that it looked at, and the same of the helper that it asked. */
export type Condition = {
  readonly place: string
  readonly line: string
  readonly held: boolean
  readonly fields: readonly Field[]
  readonly because: readonly Condition[]
}
export type RuleKind = 'permit' | 'deny' | 'mask'
export type RuleOutcome = {
  /** `<domain>.<name>`. */
  readonly rule: string
  readonly kind: RuleKind
  readonly place: string
  readonly title?: string
  /** What the rule said: the reason or the mask; absent where it stayed silent. */
  readonly value?: Json
  readonly because: readonly Condition[]
}

const exported = /\.data\.rules\.([^.]+)\.([^.]+)\.(permit|deny|mask)$/
const helper = /\.data\.rules\./

export function ruleOf(name: string): { readonly rule: string; readonly kind: RuleKind } | undefined {
  const [, domain, rule, kind] = exported.exec(name) ?? []
  return kind === undefined ? undefined : { rule: `${domain}.${rule}`, kind: kind as RuleKind }
}

/** Each once, those that fired first. */
export function outcomesOf(steps: readonly Step[], sources: Sources): readonly RuleOutcome[] {
  const fired: RuleOutcome[] = []
  const silent: RuleOutcome[] = []
  for (const call of callsIn(steps)) {
    const rule = ruleOf(call.func.name)
    if (rule === undefined) continue
    const added = call.steps.filter(({ statement, added: value }) => statement.op === 'SetAdd' && value !== undefined)
    const seen = new Set<Statement>()
    for (const { statement, added: value } of added) {
      const body = call.func.blocks.find((block) => within(block).has(statement))
      const because = seen.has(statement) ? fired.at(-1)!.because : held(stepsOf(call, body), sources)
      seen.add(statement)
      fired.push({ ...described(rule, statement.at, sources), value: jsonOf(value!), because })
    }
    const [first] = call.func.blocks.flat()
    if (added.length === 0 && first !== undefined && isEmptySet(call))
      silent.push({ ...described(rule, first.at, sources), because: failed(call, sources) })
  }
  return [...fired, ...silent]
}

function isEmptySet({ result }: Call): boolean {
  return isKnown(result) && isSet(result) && result.items.length === 0
}

function described({ rule, kind }: { rule: string; kind: RuleKind }, at: Place, sources: Sources) {
  const title = sources.title(at)
  return { rule, kind, place: sources.place(at), ...(title === undefined ? {} : { title }) }
}

/** All calls below, each once. */
export function callsIn(steps: readonly Step[], found = new Set<Call>()): ReadonlySet<Call> {
  for (const { call } of steps) {
    if (call === undefined || found.has(call)) continue
    found.add(call)
    callsIn(call.steps, found)
  }
  return found
}

/** Why a call came to true, or to what it came to. */
function succeeded(call: Call, sources: Sources): readonly Condition[] {
  const bodies = call.func.blocks.flatMap(innermost)
  const body = bodies.find((block) => {
    const steps = stepsOf(call, block)
    return steps.some(({ statement }) => statement.op === 'AssignVarOnce') && steps.some(isCondition)
  })
  return held(stepsOf(call, body), sources)
}

function failed(call: Call, sources: Sources): readonly Condition[] {
  return byLine(
    call.steps,
    call.steps.filter((step) => !step.held && isCondition(step)),
    sources,
    false,
  )
}

function held(steps: readonly Step[], sources: Sources): readonly Condition[] {
  return byLine(
    steps,
    steps.filter((step) => step.held && isCondition(step)),
    sources,
    true,
  )
}

function byLine(
  steps: readonly Step[],
  chosen: readonly Step[],
  sources: Sources,
  wanted: boolean,
): readonly Condition[] {
  const places = new Map(chosen.map(({ statement }) => [sources.place(statement.at), statement.at]))
  return [...places].flatMap(([place, at]) => {
    const here = steps.filter(({ statement }) => statement.at.file === at.file && statement.at.row === at.row)
    const calls = [...new Set(here.flatMap(({ call }) => (call === undefined ? [] : [call])))]
    const helpers = calls.filter(({ func }) => helper.test(func.name))
    const fields = fieldsOf(here.flatMap((step) => readsOf(step, helpers)))
    const because = helpers.flatMap((call) => (isTrue(call) ? succeeded(call, sources) : failed(call, sources)))
    if (fields.length === 0 && because.length === 0) return []
    return [{ place, line: sources.line(at), held: wanted, fields, because }]
  })
}

function isTrue({ result }: Call): boolean {
  return result !== undefined && result !== false
}

/** Of the line itself and of the library that it calls; a helper of the rule tells its own. */
function readsOf(step: Step, helpers: readonly Call[]): readonly FieldRead[] {
  const own = step.read === undefined ? [] : [step.read]
  if (step.call === undefined || helpers.includes(step.call)) return own
  return [...own, ...step.call.steps.flatMap((inner) => readsOf(inner, helpers))]
}

/** Without those that only lead to others, and without whole documents. */
function fieldsOf(reads: readonly FieldRead[]): readonly Field[] {
  const fields = new Map(reads.map(({ path, value }) => [path, value]))
  const leads = (path: string): boolean =>
    [...fields.keys()].some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[`))
  return [...fields]
    .filter(([path]) => !leads(path))
    .map(([path, value]) => ({ path, ...(value === undefined ? {} : { value: jsonOf(value) }) }))
}

const conditions = ['Dot', 'Call', 'CallDynamic', 'Not', 'Equal', 'NotEqual', 'IsArray', 'IsObject', 'IsSet']

function isCondition({ statement }: Step): boolean {
  return conditions.includes(statement.op)
}

function stepsOf(call: Call, block: Block | undefined): readonly Step[] {
  if (block === undefined) return []
  const inside = within(block)
  return call.steps.filter(({ statement }) => inside.has(statement))
}

/** The statements of a block, at any depth. */
export function within(block: Block, found = new Set<Statement>()): ReadonlySet<Statement> {
  for (const statement of block) {
    found.add(statement)
    for (const inner of blocksOf(statement)) within(inner, found)
  }
  return found
}

/** Blocks that hold statements of a body, not only other blocks: alternatives after `else` stand beside one another. */
function innermost(block: Block): readonly Block[] {
  const nested = block.flatMap((statement) => (statement.op === 'Block' ? statement.blocks : []))
  return nested.length === 0 ? [block] : nested.flatMap(innermost)
}

export function blocksOf(statement: Statement): readonly Block[] {
  if (statement.op === 'Block') return statement.blocks
  return statement.op === 'Not' || statement.op === 'Scan' || statement.op === 'With' ? [statement.block] : []
}
