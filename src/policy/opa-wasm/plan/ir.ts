/** OPA's plan (`opa build -t plan`), the program that WASM is compiled from, as this engine reads it. A statement it does not know makes the plan unusable, never wrong. */
import { isRecord } from '../bundle.ts'

/** A local's number, or a constant. */
export type Operand = number | string | boolean
export type Place = { readonly file: number; readonly row: number; readonly column: number }
export type Block = readonly Statement[]

export type Statement = { readonly at: Place } & (
  | { readonly op: 'ArrayAppend'; readonly array: number; readonly value: Operand }
  | { readonly op: 'AssignInt'; readonly target: number; readonly value: number }
  | { readonly op: 'AssignVar' | 'AssignVarOnce'; readonly source: Operand; readonly target: number }
  | { readonly op: 'Block'; readonly blocks: readonly Block[] }
  | { readonly op: 'Break'; readonly index: number }
  | { readonly op: 'Call'; readonly func: string; readonly args: readonly Operand[]; readonly result: number }
  | {
      readonly op: 'CallDynamic'
      readonly path: readonly Operand[]
      readonly args: readonly Operand[]
      readonly result: number
    }
  | { readonly op: 'Dot'; readonly source: Operand; readonly key: Operand; readonly target: number }
  | { readonly op: 'Equal' | 'NotEqual'; readonly a: Operand; readonly b: Operand }
  | { readonly op: 'IsArray' | 'IsObject' | 'IsSet'; readonly source: Operand }
  | { readonly op: 'IsDefined' | 'IsUndefined'; readonly source: number }
  | { readonly op: 'Len'; readonly source: Operand; readonly target: number }
  | { readonly op: 'MakeArray' | 'MakeNull' | 'MakeObject' | 'MakeSet' | 'ResetLocal'; readonly target: number }
  | { readonly op: 'MakeNumberInt'; readonly value: number; readonly target: number }
  /** `text` is the number as it was written. */
  | { readonly op: 'MakeNumberRef'; readonly text: string; readonly target: number }
  | { readonly op: 'Nop' }
  | { readonly op: 'Not'; readonly block: Block }
  | {
      readonly op: 'ObjectInsert' | 'ObjectInsertOnce'
      readonly object: number
      readonly key: Operand
      readonly value: Operand
    }
  | { readonly op: 'ObjectMerge'; readonly a: number; readonly b: number; readonly target: number }
  | { readonly op: 'ResultSetAdd'; readonly value: number }
  | { readonly op: 'ReturnLocal'; readonly source: number }
  | {
      readonly op: 'Scan'
      readonly source: number
      readonly key: number
      readonly value: number
      readonly block: Block
    }
  | { readonly op: 'SetAdd'; readonly set: number; readonly value: Operand }
  | {
      readonly op: 'With'
      readonly local: number
      readonly path: readonly string[]
      readonly value: Operand
      readonly block: Block
    }
)

export type Func = {
  readonly name: string
  readonly params: readonly number[]
  readonly blocks: readonly Block[]
  /** As `CallDynamic` names it, joined by `\0`. */
  readonly path: string | undefined
}

export type Plan = {
  readonly entrypoints: ReadonlyMap<string, readonly Block[]>
  readonly funcs: ReadonlyMap<string, Func>
  readonly dynamic: ReadonlyMap<string, Func>
  readonly files: readonly string[]
  /** Its constants. */
  readonly strings: readonly string[]
}

/** What this reading of plans does not know; the layers that rest on it are then off. */
export class PlanUnsupported extends Error {
  override readonly name = 'PlanUnsupported'
}

/** Two rules gave different values: OPA ends the evaluation. */
export class PlanConflict extends Error {
  override readonly name = 'PlanConflict'
}

/** @throws PlanUnsupported */
export function parsePlan(json: unknown): Plan {
  const fixed = record(member(json, 'static'))
  const strings = texts(fixed.strings)
  const reader = createReader(strings, texts(fixed.files))
  const funcs = new Map<string, Func>()
  const dynamic = new Map<string, Func>()
  for (const item of list(member(member(json, 'funcs', {}), 'funcs', []))) {
    const func = reader.func(record(item))
    funcs.set(func.name, func)
    if (func.path !== undefined) dynamic.set(func.path, func)
  }
  const entrypoints = new Map<string, readonly Block[]>()
  for (const item of list(member(member(json, 'plans'), 'plans'))) {
    const { name, blocks } = record(item)
    entrypoints.set(text(name), list(blocks).map(reader.block))
  }
  return { entrypoints, funcs, dynamic, files: reader.files, strings }
}

function createReader(strings: readonly string[], files: readonly string[]) {
  const constant = (index: unknown): string => strings[whole(index)] ?? unsupported('a constant that is not there')

  function operand(value: unknown): Operand {
    const { type, value: given } = record(value)
    switch (type) {
      case 'local':
        return whole(given)
      case 'string_index':
        return constant(given)
      case 'bool':
        return given === true
      default:
        return unsupported('a kind of operand')
    }
  }

  function block(value: unknown): Block {
    return list(record(value).stmts ?? []).map(statement)
  }

  function func(value: Record<string, unknown>): Func {
    return {
      name: text(value.name),
      params: list(value.params).map(whole),
      blocks: list(value.blocks).map(block),
      path: value.path === undefined ? undefined : list(value.path).map(text).join('\0'),
    }
  }

  function statement(value: unknown): Statement {
    const { type, stmt } = record(value)
    const s = record(stmt)
    const at = { file: whole(s.file ?? 0), row: whole(s.row ?? 0), column: whole(s.col ?? 0) }
    const op = text(type).replace(/Stmt$/, '')
    switch (op) {
      case 'ArrayAppend':
        return { at, op, array: whole(s.array), value: operand(s.value) }
      case 'AssignInt':
      case 'MakeNumberInt':
        return { at, op, target: whole(s.target), value: integer(s.value) }
      case 'AssignVar':
      case 'AssignVarOnce':
        return { at, op, source: operand(s.source), target: whole(s.target) }
      case 'Block':
        return { at, op, blocks: list(s.blocks).map(block) }
      case 'Break':
        return { at, op, index: whole(s.index) }
      case 'Call':
        return { at, op, func: text(s.func), args: list(s.args).map(operand), result: whole(s.result) }
      case 'CallDynamic':
        return {
          at,
          op,
          path: list(s.path).map(operand),
          args: list(s.args).map(whole),
          result: whole(s.result),
        }
      case 'Dot':
        return { at, op, source: operand(s.source), key: operand(s.key), target: whole(s.target) }
      case 'Equal':
      case 'NotEqual':
        return { at, op, a: operand(s.a), b: operand(s.b) }
      case 'IsArray':
      case 'IsObject':
      case 'IsSet':
        return { at, op, source: operand(s.source) }
      case 'IsDefined':
      case 'IsUndefined':
        return { at, op, source: whole(s.source) }
      case 'Len':
        return { at, op, source: operand(s.source), target: whole(s.target) }
      case 'MakeArray':
      case 'MakeNull':
      case 'MakeObject':
      case 'MakeSet':
      case 'ResetLocal':
        return { at, op, target: whole(s.target) }
      case 'MakeNumberRef':
        return { at, op, text: constant(s.Index ?? s.index), target: whole(s.target) }
      case 'Nop':
        return { at, op }
      case 'Not':
        return { at, op, block: block(s.block) }
      case 'ObjectInsert':
      case 'ObjectInsertOnce':
        return { at, op, object: whole(s.object), key: operand(s.key), value: operand(s.value) }
      case 'ObjectMerge':
        return { at, op, a: whole(s.a), b: whole(s.b), target: whole(s.target) }
      case 'ResultSetAdd':
        return { at, op, value: whole(s.value) }
      case 'ReturnLocal':
        return { at, op, source: whole(s.source) }
      case 'Scan':
        return { at, op, source: whole(s.source), key: whole(s.key), value: whole(s.value), block: block(s.block) }
      case 'SetAdd':
        return { at, op, set: whole(s.set), value: operand(s.value) }
      case 'With':
        return {
          at,
          op,
          local: whole(s.local),
          path: list(s.path ?? []).map(constant),
          value: operand(s.value),
          block: block(s.block),
        }
      default:
        return unsupported('a kind of statement')
    }
  }

  return { func, block, files }
}

function member(value: unknown, key: string, otherwise?: unknown): unknown {
  const given = record(value)[key] ?? otherwise
  return given === undefined ? unsupported(`${key} is missing`) : given
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : unsupported('a shape')
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : unsupported('a shape')
}

function texts(value: unknown): readonly string[] {
  return list(value ?? []).map((item) => text(record(item).value))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : unsupported('a shape')
}

function whole(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : unsupported('a number')
}

function integer(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : unsupported('a number')
}

function unsupported(what: string): never {
  throw new PlanUnsupported(`plan.json has ${what} that this engine does not know`)
}
