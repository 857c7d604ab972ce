/** Which fields of the input each rule can read, whatever the input is, and what it compares them with: from the plan alone, never too few. */
import type { Json } from '../../../domain/json.ts'
import { jsonOf } from '../plain-json.ts'
import type { Block, Func, Operand, Plan, Statement } from '../plan/ir.ts'
import { getKey, isArray, isObject, isSet, type Value } from '../value.ts'
import { blocksOf, ruleOf } from './why.ts'

/** Below a field that is deeper than this, all of it counts as read. */
const pathKeysMax = 12
/** Of one document of `data` that a field is looked up in. */
const dataValuesMax = 200

export type FieldUse = {
  /** Dotted paths such as `user.roles`, `[*]` for any member; `input` is all of it. */
  readonly fields: ReadonlySet<string>
  /** By field, what rules compare it with. */
  readonly compared: ReadonlyMap<string, ReadonlySet<Json>>
}

type Path = readonly string[]
/** What a local can be: parts of the input, parts of `data`, constants. */
type Possible = { readonly inputs: Map<string, Path>; readonly data: Map<string, Path>; readonly constants: Set<Json> }
type Locals = Map<number, Possible>
type Found = {
  readonly followed: Map<string, Path>
  readonly used: Map<string, Path>
  readonly compared: Map<string, Set<Json>>
}

/** By `<domain>.<name>`, sorted. */
export function fieldsOfRules(plan: Plan, data: Value): ReadonlyMap<string, FieldUse> {
  const found = new Map<string, Found>()
  for (const func of plan.funcs.values()) {
    const rule = ruleOf(func.name)
    if (rule === undefined) continue
    const into = found.get(rule.rule) ?? { followed: new Map(), used: new Map(), compared: new Map() }
    found.set(rule.rule, into)
    createReader(plan, data, into)(func)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, use]) => [rule, summary(use)]))
}

function summary({ followed, used, compared }: Found): FieldUse {
  const paths = [...followed.values()]
  const leads = (path: Path): boolean =>
    paths.some((other) => other.length > path.length && path.every((key, index) => key === other[index]))
  const fields = [...followed].filter(([name, path]) => used.has(name) || !leads(path)).map(([name]) => name)
  if (used.has('input')) fields.push('input')
  return { fields: new Set(fields.sort()), compared }
}

function createReader(plan: Plan, data: Value, found: Found): (func: Func) => void {
  const memo = new Map<string, Possible>()

  function call(func: Func, args: readonly Possible[]): Possible {
    const key = `${func.name}\0${args.map(keyOf).join('\0')}`
    const known = memo.get(key)
    if (known !== undefined) return known
    const result = nothing()
    memo.set(key, result)
    const locals: Locals = new Map()
    for (const [index, param] of func.params.entries()) locals.set(param, args[index] ?? nothing())
    for (const block of func.blocks) visit(block, locals, result)
    return result
  }

  /** Afterwards a local is what it was or what the block made of it: the block may be left anywhere. */
  function visit(block: Block, locals: Locals, result: Possible): void {
    const within: Locals = new Map(locals)
    for (const statement of block) {
      take(statement, within, result)
      // what the end of a loop comes to is read at its next beginning
      const rounds = statement.op === 'Scan' ? 2 : 1
      for (let round = 0; round < rounds; round++) for (const inner of blocksOf(statement)) visit(inner, within, result)
    }
    for (const [local, value] of within) locals.set(local, joined(locals.get(local), value))
  }

  function take(statement: Statement, locals: Locals, result: Possible): void {
    const of = (operand: Operand): Possible =>
      typeof operand === 'number' ? (locals.get(operand) ?? nothing()) : { ...nothing(), constants: new Set([operand]) }
    const give = (target: number, value: Possible): void => {
      locals.set(target, value)
    }
    switch (statement.op) {
      case 'Dot':
        compare([of(statement.key)], [membersOf(of(statement.source))])
        give(statement.target, member(of(statement.source), of(statement.key), typeof statement.key === 'string'))
        break
      case 'AssignVar':
        give(statement.target, of(statement.source))
        break
      case 'AssignVarOnce':
        give(statement.target, joined(locals.get(statement.target), of(statement.source)))
        break
      case 'ResetLocal':
        give(statement.target, nothing())
        break
      case 'MakeNumberInt':
        give(statement.target, { ...nothing(), constants: new Set([statement.value]) })
        break
      case 'Scan':
        give(statement.value, member(of(statement.source), nothing(), false))
        break
      case 'ReturnLocal':
        addAll(result, of(statement.source))
        break
      case 'Call':
      case 'CallDynamic':
        {
          const args = statement.args.map(of)
          const target = statement.op === 'Call' ? plan.funcs.get(statement.func) : undefined
          if (target !== undefined) {
            give(statement.result, call(target, args))
            break
          }
          const [object, key] = args
          compare(args, args)
          if (statement.op === 'Call' && statement.func === 'object.get' && object !== undefined && key !== undefined)
            give(statement.result, member(object, key, true))
          else use(args)
        }
        break
      case 'Equal':
      case 'NotEqual':
        compare([of(statement.a)], [of(statement.b)])
        compare([of(statement.b)], [of(statement.a)])
        use([of(statement.a), of(statement.b)])
        break
      case 'ArrayAppend':
      case 'SetAdd':
      case 'ObjectInsert':
      case 'ObjectInsertOnce':
        use([of(statement.value)])
        break
      default:
    }
  }

  function member(source: Possible, key: Possible, constant: boolean): Possible {
    const target = nothing()
    const names = constant ? [...key.constants].filter((name) => typeof name === 'string') : []
    const keys = names.length === 0 ? ['*'] : names
    for (const path of source.inputs.values()) {
      if (path.length >= pathKeysMax) addPath(found.used, path)
      else
        for (const name of keys) {
          addPath(target.inputs, [...path, name])
          addPath(found.followed, [...path, name])
        }
    }
    for (const path of source.data.values())
      if (path.length < pathKeysMax) for (const name of keys) addPath(target.data, [...path, name])
    return target
  }

  function use(values: readonly Possible[]): void {
    for (const { inputs } of values) for (const path of inputs.values()) addPath(found.used, path)
  }

  function compare(values: readonly Possible[], others: readonly Possible[]): void {
    for (const { inputs } of values)
      for (const name of inputs.keys())
        for (const other of others) {
          const known = found.compared.get(name) ?? new Set()
          for (const constant of other.constants) known.add(constant)
          for (const path of other.data.values()) for (const value of valuesAt(data, path)) known.add(value)
          found.compared.set(name, known)
        }
  }

  return (func) => {
    const input = nothing()
    input.inputs.set('input', [])
    const root = nothing()
    root.data.set('input', [])
    call(func, [input, root])
  }
}

function nothing(): Possible {
  return { inputs: new Map(), data: new Map(), constants: new Set() }
}

/** What a key is looked up among: only documents of `data` tell. */
function membersOf({ data }: Possible): Possible {
  return { ...nothing(), data }
}

function addPath(into: Map<string, Path>, path: Path): void {
  into.set(pathText(path), path)
}

function addAll(into: Possible, from: Possible): void {
  for (const [name, path] of from.inputs) into.inputs.set(name, path)
  for (const [name, path] of from.data) into.data.set(name, path)
  for (const constant of from.constants) into.constants.add(constant)
}

function keyOf({ inputs, data, constants }: Possible): string {
  return JSON.stringify([[...inputs.keys()].sort(), [...data.keys()].sort(), [...constants].map(String).sort()])
}

function joined(a: Possible | undefined, b: Possible): Possible {
  if (a === undefined || a === b) return b
  const both = nothing()
  addAll(both, a)
  addAll(both, b)
  return both
}

function pathText(path: Path): string {
  if (path.length === 0) return 'input'
  return path
    .map((key, index) => {
      if (key === '*') return '[*]'
      if (!/^[A-Za-z_]\w*$/.test(key)) return `[${JSON.stringify(key)}]`
      return index === 0 ? key : `.${key}`
    })
    .join('')
}

/** Scalars and keys of a document: what a field that is looked up in it could be. */
function valuesAt(data: Value, path: Path): readonly Json[] {
  let value: Value | undefined = data
  for (const key of path) value = value !== undefined && isObject(value) && key !== '*' ? getKey(value, key) : undefined
  if (value === undefined || path.length === 0) return []
  const members = isObject(value)
    ? value.entries.map(([key]) => key)
    : isArray(value)
      ? value
      : isSet(value)
        ? value.items
        : [value]
  return members
    .slice(0, dataValuesMax)
    .map(jsonOf)
    .filter((member) => typeof member !== 'object')
}
