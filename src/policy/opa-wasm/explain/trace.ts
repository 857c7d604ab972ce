/** One evaluation by the plan: which calls were made, what each statement came to, which fields of the input were looked at, and which rules fired. */
import type { BuiltinLookup } from '../builtins/supplied.ts'
import { type Abstract, isKnown } from '../plan/abstract.ts'
import { type Func, type Plan, PlanConflict, PlanUnsupported, type Statement } from '../plan/ir.ts'
import { runPlan } from '../plan/machine.ts'
import type { Observer } from '../plan/observer.ts'
import { isArray, isObject, type Value } from '../value.ts'
import { valueFromJson } from '../value-text.ts'
import { createMoreBuiltins } from './builtins.ts'

/** A field of the input as a dotted path, and what it held; undefined: it is not there. */
export type FieldRead = { readonly path: string; readonly value: Value | undefined }
export type Step = {
  readonly statement: Statement
  readonly held: boolean
  /** The call that this statement made. */
  readonly call?: Call
  readonly read?: FieldRead
  /** What was added to a set. */
  readonly added?: Value
}
export type Call = { readonly func: Func; readonly result: Abstract; readonly steps: readonly Step[] }
export type Trace =
  | { readonly kind: 'done'; readonly result: Value | undefined; readonly steps: readonly Step[] }
  /** Two rules gave different values: WASM ends such an evaluation with an error, and so it denies. */
  | { readonly kind: 'conflict'; readonly steps: readonly Step[] }
  | { readonly kind: 'unknown'; readonly why: string }

export type TraceDeps = { readonly plan: Plan; readonly data: Value; readonly host: BuiltinLookup }

/** `input` is JSON. Total: what can't be followed is `unknown`, with the reason in words. */
export function tracePlan({ plan, data, host }: TraceDeps, entrypoint: string, input: string): Trace {
  const document = valueFromJson(input)
  const missing = new Set<string>()
  const { observer, steps } = createTracer(document)
  try {
    const result = runPlan(
      {
        plan,
        data,
        input: document,
        observer,
        ordered: true,
        builtins: createMoreBuiltins(host, contextOf(document), (name) => missing.add(name)),
      },
      entrypoint,
    )
    if (missing.size > 0) return unknownBecause(`the trace has no built-in ${[...missing].sort().join(', ')}`)
    if (result !== undefined && !isKnown(result)) return unknownBecause('the plan came to no single answer')
    return { kind: 'done', result, steps }
  } catch (error) {
    if (error instanceof PlanConflict) return { kind: 'conflict', steps }
    if (error instanceof PlanUnsupported) return unknownBecause(error.message)
    if (error instanceof RangeError) return unknownBecause('the plan is nested too deep')
    throw error
  }
}

function unknownBecause(why: string): Trace {
  return { kind: 'unknown', why }
}

function contextOf(input: Value) {
  const now = isObject(input) ? input.entries.find(([key]) => key === 'now')?.[1] : undefined
  return {
    now: typeof now === 'number' && Number.isSafeInteger(now) ? BigInt(now) * 1_000_000n : 0n,
    random: (length: number) => new Uint8Array(length),
    memory: new Map<string, unknown>(),
  }
}

function createTracer(input: Value): { readonly observer: Observer; readonly steps: readonly Step[] } {
  const paths = new Map<Value, string>([[input, '']])
  const open: Step[][] = [[]]
  let called: Call | undefined

  function fieldOf(statement: Statement & { op: 'Dot' }, source: Abstract, key: Abstract, value: Abstract) {
    // the input is local 0 of every function, also where a part of it is replaced
    const base = statement.source === 0 ? '' : isCollection(source) ? paths.get(source) : undefined
    if (base === undefined || typeof key === 'object' || key === undefined) return undefined
    const path =
      base === ''
        ? String(key)
        : /^[A-Za-z_]\w*$/.test(String(key))
          ? `${base}.${key}`
          : `${base}[${JSON.stringify(key)}]`
    if (isCollection(value)) paths.set(value, path)
    return { path, value: value === undefined || !isKnown(value) ? undefined : value }
  }

  const observer: Observer = {
    enter() {
      open.push([])
    },
    leave(func, result) {
      called = { func, result, steps: open.pop()! }
      return called
    },
    recalled(note) {
      called = note as Call
    },
    step(statement, held, read) {
      const call = called
      called = undefined
      const steps = open.at(-1)!
      switch (statement.op) {
        case 'Dot': {
          const field = fieldOf(
            statement,
            read(statement.source),
            read(statement.key),
            held ? read(statement.target) : undefined,
          )
          steps.push({ statement, held, ...(field === undefined ? {} : { read: field }) })
          return
        }
        case 'Call':
        case 'CallDynamic':
          steps.push({ statement, held, ...(call === undefined ? {} : { call }) })
          return
        case 'SetAdd': {
          const added = read(statement.value)
          steps.push({ statement, held, ...(isKnown(added) ? { added } : {}) })
          return
        }
        case 'Not':
          // what failed within it is why it holds
          forget(steps, statement.block)
          steps.push({ statement, held })
          return
        default:
          steps.push({ statement, held })
      }
    },
  }
  return { observer, steps: open[0]! }
}

function isCollection(value: Abstract): value is Value & object {
  return value !== undefined && isKnown(value) && value !== null && (isArray(value) || isObject(value))
}

/** The steps within a negation stay, since they made calls; that they failed is no failure of the body. */
function forget(steps: Step[], block: readonly Statement[]): void {
  const inner = new Set(block)
  for (const [index, step] of steps.entries())
    if (!step.held && inner.has(step.statement)) steps[index] = { ...step, held: true }
}
