/**
 * Follows a plan with the record and the facts unknown, every way that they could lead it, and says what of them it can read on the way. With all of the
 * input known there is one way, and the machine is an interpreter. Breaks are counted as WASM counts them. Plans that it can't follow throw PlanUnsupported.
 */
import { equalValues, isArray, type Value } from '../value.ts'
import { numberOfText } from '../value-number.ts'
import { printValue } from '../value-text.ts'
import {
  type Abstract,
  copyState,
  either,
  entriesOf,
  holdsOf,
  isKnown,
  joinStates,
  kindOf,
  merge,
  presence,
  type State,
  same,
  sameStates,
  type Unknown,
  unknown,
  upsert,
} from './abstract.ts'
import { createBuiltinCall } from './builtin-call.ts'
import { createCollections, type OnRead } from './collections.ts'
import { branch, type Flow, type Left, type Memo, type Of, outward, returning } from './flow.ts'
import { type Block, type Func, type Operand, type Plan, PlanConflict, PlanUnsupported, type Statement } from './ir.ts'
import { createLookups, type FactNames } from './lookups.ts'
import type { MoreBuiltins, Observer } from './observer.ts'

/** Statements that one run may take. */
export const stepsMax = 500_000
/** Rounds until nothing changes any more in a loop over something unknown. */
const roundsMax = 100
const callsNestedMax = 500
const typesAsked = { IsArray: 'array', IsObject: 'object', IsSet: 'set' } as const

export type MachineOptions = {
  readonly plan: Plan
  readonly data: Value
  readonly input: Abstract
  readonly facts?: FactNames
  readonly onRead?: OnRead
  readonly observer?: Observer
  readonly builtins?: MoreBuiltins
  /** Objects and sets are gone through in OPA's order; default: the order is taken to be known to WASM alone. */
  readonly ordered?: boolean
}

/** The result of an entrypoint: undefined, unknown or known. @throws PlanUnsupported, PlanConflict */
export function runPlan(options: MachineOptions, entrypoint: string): Abstract {
  const { plan, data, observer, onRead = () => undefined } = options
  const blocks = plan.entrypoints.get(entrypoint)
  if (blocks === undefined) throw new PlanUnsupported('no such entrypoint')
  const collections = createCollections(onRead)
  const { settle, use, make } = collections
  const callBuiltin = createBuiltinCall(collections, options.builtins)
  const { dot, length, equality, hasType } = createLookups(collections, onRead, options.facts ?? new Map())
  let steps = 0
  let depth = 0
  let results: Abstract
  let memo: Memo = new Map()

  const join = (a: State | undefined, b: State | undefined): State | undefined => joinStates(a, b)
  const read = (state: State, operand: Operand): Abstract =>
    typeof operand === 'number' ? state.locals[operand] : operand
  const settled = (state: State, operand: Operand): Abstract => settle(state, read(state, operand))

  function runBlock(block: Block, start: State): Left {
    let current: State | undefined = start
    let left: State | undefined
    const breaks = new Map<number, State>()
    for (const statement of block) {
      if (++steps > stepsMax) throw new PlanUnsupported('a plan that takes too many steps')
      const state: State = current
      const flow = execute(statement, state)
      observer?.step(statement, flow.next !== undefined, (operand) => settled(state, operand))
      for (const [blocksLeft, broken] of flow.breaks ?? []) {
        if (blocksLeft === 0) left = join(left, broken)
        else merged(breaks, outward(blocksLeft), broken)
      }
      current = flow.next
      if (current === undefined) break
    }
    return { ended: current, left, breaks }
  }

  function merged(breaks: Map<number, State>, blocksLeft: number, state: State): void {
    breaks.set(blocksLeft, join(breaks.get(blocksLeft), state)!)
  }

  function assign(state: State, target: number, value: Abstract): Flow {
    state.locals[target] = value
    return defined(state, target, true)
  }

  function defined(state: State, local: number, wanted: boolean): Flow {
    const value = state.locals[local]
    const there = presence(value)
    if (there !== 'maybe') return branch(state, (there === 'yes') === wanted)
    const [present, absent] = [state, copyState(state)]
    present.locals[local] = kindOf(value) === 'unknown' ? { ...(value as Unknown), maybe: false } : value
    absent.locals[local] = undefined
    const [next, other] = wanted ? [present, absent] : [absent, present]
    return { next, breaks: new Map([[0, other]]) }
  }

  function sequence(list: readonly Block[], start: State): Flow {
    let current: State | undefined = start
    const outer = new Map<number, State>()
    for (const block of list) {
      if (current === undefined) break
      const { ended, left, breaks } = runBlock(block, current)
      for (const [blocksLeft, state] of breaks) merged(outer, blocksLeft, state)
      current = join(ended, left)
    }
    return { next: current, breaks: outer }
  }

  function execute(statement: Statement, state: State): Flow {
    const { locals } = state
    switch (statement.op) {
      case 'Nop':
        break
      case 'AssignInt':
      case 'MakeNumberInt':
        locals[statement.target] = statement.value
        break
      case 'MakeNumberRef':
        locals[statement.target] = numberOfText(statement.text)
        break
      case 'MakeNull':
        locals[statement.target] = null
        break
      case 'MakeArray':
        make(state, statement.target, { kind: 'array', items: [] })
        break
      case 'MakeObject':
        make(state, statement.target, { kind: 'object', entries: new Map() })
        break
      case 'MakeSet':
        make(state, statement.target, { kind: 'set', items: [] })
        break
      case 'ResetLocal':
        locals[statement.target] = undefined
        break
      case 'AssignVar':
        locals[statement.target] = read(state, statement.source)
        break
      case 'AssignVarOnce':
        assignOnce(state, statement)
        break
      case 'Dot':
        return assign(state, statement.target, dot(state, read(state, statement.source), settled(state, statement.key)))
      case 'Len':
        locals[statement.target] = length(state, settled(state, statement.source))
        break
      case 'Equal':
      case 'NotEqual': {
        const equal = equality(state, settled(state, statement.a), settled(state, statement.b))
        return branch(state, equal === undefined ? undefined : equal === (statement.op === 'Equal'))
      }
      case 'IsArray':
      case 'IsObject':
      case 'IsSet':
        return branch(state, hasType(state, read(state, statement.source), typesAsked[statement.op]))
      case 'IsDefined':
      case 'IsUndefined':
        return defined(state, statement.source, statement.op === 'IsDefined')
      case 'ArrayAppend':
        collections.append(state, locals[statement.array], read(state, statement.value))
        break
      case 'SetAdd':
        collections.add(state, locals[statement.set], read(state, statement.value))
        break
      case 'ObjectInsert':
      case 'ObjectInsertOnce': {
        const once = statement.op === 'ObjectInsertOnce'
        collections.insert(
          state,
          locals[statement.object],
          settled(state, statement.key),
          read(state, statement.value),
          once,
        )
        break
      }
      case 'ObjectMerge':
        locals[statement.target] = mergeOf(
          state,
          settle(state, locals[statement.a]),
          settle(state, locals[statement.b]),
        )
        break
      case 'ResultSetAdd':
        if (results !== undefined) throw new PlanUnsupported('an answer of several results')
        results = settle(state, locals[statement.value])
        use(state, results)
        break
      case 'ReturnLocal':
        state.result = settle(state, locals[statement.source])
        return { next: undefined, breaks: new Map([[returning, state]]) }
      case 'Break':
        return { next: undefined, breaks: new Map([[statement.index, state]]) }
      case 'Block':
        return sequence(statement.blocks, state)
      case 'Not':
        return negated(state, statement)
      case 'Scan':
        return scan(state, statement)
      case 'With':
        return replaced(state, statement)
      case 'Call': {
        const args = statement.args.map((arg) => settled(state, arg))
        return assign(state, statement.result, call(state, statement.func, args))
      }
      case 'CallDynamic':
        return callDynamic(state, statement)
    }
    return { next: state }
  }

  function assignOnce(state: State, { target, source }: Of<'AssignVar' | 'AssignVarOnce'>): void {
    const old = settle(state, state.locals[target])
    // what is only given a name is not looked at
    const given = old === undefined ? read(state, source) : settled(state, source)
    if (old === undefined) state.locals[target] = given
    else if (isKnown(old) && isKnown(given)) {
      if (!equalValues(old, given)) throw new PlanConflict('conflicting values')
    } else {
      // where they conflict, the evaluation ends with an error: whether they do, all of both decides
      collections.compare(state, old, given)
      if (!same(old, given)) state.locals[target] = either(old, given, holdsOf(state, old) | holdsOf(state, given))
    }
  }

  function mergeOf(state: State, a: Abstract, b: Abstract): Abstract {
    if (a === undefined) return b
    if (isKnown(a) && isKnown(b)) return merge(a, b)
    use(state, a)
    use(state, b)
    return unknown
  }

  function negated(state: State, { block }: Of<'Not'>): Flow {
    const { ended, left, breaks } = runBlock(block, state)
    if (ended !== undefined) merged(breaks, 0, ended)
    return { next: left, breaks }
  }

  function scan(start: State, statement: Of<'Scan'>): Flow {
    const { key, value, block } = statement
    const source = settle(start, start.locals[statement.source])
    if (source === undefined) return { next: start }
    const outer = new Map<number, State>()
    let after: State | undefined
    const round = (state: State, itemKey: Abstract, item: Abstract): State | undefined => {
      state.locals[key] = itemKey
      state.locals[value] = item
      const { ended, left, breaks } = runBlock(block, state)
      for (const [blocksLeft, broken] of breaks) {
        if (blocksLeft === 0) after = join(after, broken)
        else merged(outer, outward(blocksLeft), broken)
      }
      return join(ended, left)
    }
    let current: State | undefined = start
    if (isKnown(source)) {
      const entries = entriesOf(source)
      const each = (): void => {
        for (const [itemKey, item] of entries) {
          current = round(current!, itemKey, item)
          if (current === undefined) return
        }
      }
      if (entries.length > 1 && !isArray(source) && options.ordered !== true) collections.inAnyOrder(each)
      else each()
      if (current !== undefined) current.locals[key] = undefined
      return { next: join(current, after), breaks: outer }
    }
    use(start, source)
    for (let count = 0; ; count++) {
      if (count > roundsMax) throw new PlanUnsupported('a loop that does not settle')
      const before: State = copyState(current)
      current = join(copyState(current), round(copyState(current), unknown, unknown))!
      if (sameStates(before, current)) break
    }
    return { next: join(current, after), breaks: outer }
  }

  /** Only over what is known: an input that is partly replaced counts as read. */
  function replaced(state: State, statement: Of<'With'>): Flow {
    const { local, path, block } = statement
    const value = settled(state, statement.value)
    const old = state.locals[local]
    if (!isKnown(value) || !(old === undefined || isKnown(old)))
      throw new PlanUnsupported('an input that is replaced while parts of it are unknown')
    const outerMemo = memo
    memo = new Map()
    state.locals[local] = upsert(old, path, value)
    const { ended, left, breaks } = runBlock(block, state)
    memo = outerMemo
    for (const end of [ended, left, ...breaks.values()]) if (end !== undefined) end.locals[local] = old
    if (left !== undefined) merged(breaks, 0, left)
    return { next: ended, breaks }
  }

  function callDynamic(state: State, statement: Of<'CallDynamic'>): Flow {
    const path = statement.path.map((operand) => settled(state, operand))
    if (!path.every(isKnown)) throw new PlanUnsupported('a call whose target is unknown')
    const target = plan.dynamic.get(path.map((part) => (typeof part === 'string' ? part : printValue(part))).join('\0'))
    if (target === undefined) return branch(state, false)
    const args = statement.args.map((arg) => settled(state, arg))
    const { next, breaks } = assign(state, statement.result, invoke(target, args))
    const absent = breaks?.get(0)
    // a rule that is there and undefined leaves the lookup in base documents, too: as compiled
    return { next, breaks: new Map(absent === undefined ? [] : [[3, absent]]) }
  }

  function call(state: State, name: string, args: readonly Abstract[]): Abstract {
    const target = plan.funcs.get(name)
    return target === undefined ? callBuiltin(state, name, args) : invoke(target, args)
  }

  function invoke(target: Func, args: readonly Abstract[]): Abstract {
    const before = memo.get(target) ?? []
    const found = before.find((entry) => entry.args.every((arg, index) => same(arg, args[index])))
    if (found !== undefined) {
      observer?.recalled(found.note)
      return found.result
    }
    observer?.enter(target)
    if (++depth > callsNestedMax) throw new PlanUnsupported('calls that are nested too deep')
    const state: State = { locals: [], cells: new Map(), result: undefined }
    for (const [index, param] of target.params.entries()) state.locals[param] = args[index]
    const { next, breaks } = sequence(target.blocks, state)
    const returned = breaks?.get(returning)
    if (returned === undefined || next !== undefined || (breaks?.size ?? 0) > 1)
      throw new PlanUnsupported('a function that does not end in one return')
    depth--
    before.push({ args, result: returned.result, note: observer?.leave(target, returned.result) })
    memo.set(target, before)
    return returned.result
  }

  sequence(blocks, { locals: [options.input, data], cells: new Map(), result: undefined })
  return results
}
