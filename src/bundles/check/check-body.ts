/** "Undefined hides": a denial or mask whose body touches a missing field silently doesn't fire. So only bodies that can't go undefined pass. */
import type { PolicyFindingCode } from '../finding.ts'
import {
  callOf,
  constantOf,
  type Expr,
  itemsOf,
  lineOf,
  nameOf,
  pathOf,
  type RuleNode,
  type Term,
  varOf,
} from './syntax.ts'

export type BodyProblem = { readonly code: PolicyFindingCode; readonly line: number; readonly message: string }

/** Lists in the input that the host makes itself, complete, from the contract of a data product; a leaf without a contract has none. */
export const trustedLists: ReadonlyMap<string, readonly string[]> = new Map([
  ['input.resource.fields', ['path', 'classification']],
])

/** Fills `values` with what each variable of the body can be: constants, or undefined for an item of a trusted list. */
export function bodyProblems(
  rule: RuleNode,
  rules: readonly RuleNode[],
  values: Map<string, readonly Term[] | undefined>,
): readonly BodyProblem[] {
  const problems: BodyProblem[] = []
  const members = new Map<string, readonly string[]>()
  const name = nameOf(rule)
  const say = (code: PolicyFindingCode, line: number, message: string) => problems.push({ code, line, message })

  for (const expr of rule.body) {
    const line = lineOf(expr, lineOf(rule.head))
    if (expr.with !== undefined) say('rule.can_be_undefined', line, `${name}: the body replaces input or data.`)
    else if (expr.negated === true) negation(expr, line)
    else if (!positive(expr)) say('rule.can_be_undefined', line, `${name}: this condition can be undefined.`)
  }
  if (!isSafe(rule.head.key))
    say('rule.can_be_undefined', lineOf(rule.head), `${name}: what it contains can be undefined.`)
  return problems

  function negation({ terms }: Expr, line: number): void {
    const call = Array.isArray(terms) ? callOf(terms as readonly Term[]) : undefined
    const helper = call?.name ?? varOf(terms as Term)
    if (helper === undefined || !helper.startsWith('_') || !(call?.args ?? []).every(isPlain))
      say('rule.can_be_undefined', line, `${name}: \`not\` is applied to something else than a helper of this package.`)
    else if (!hasFalseDefault(rules, helper))
      say('rule.helper_not_total', line, `${name}: ${helper} has no \`default ${helper} := false\`.`)
    else if (alwaysHolds(rules, helper))
      say('rule.helper_always_holds', line, `${name}: ${helper} holds whatever it comes to, so this is never reached.`)
  }

  function positive({ terms }: Expr): boolean {
    if (Array.isArray(terms)) {
      const call = callOf(terms as readonly Term[])
      return call?.name === 'assign' && assigned(call.args)
    }
    if ('symbols' in terms) return iterated(terms.symbols)
    return (terms as Term).type === 'boolean' && (terms as Term).value === true
  }

  function assigned([target, value]: readonly Term[]): boolean {
    const variable = varOf(target)
    if (variable === undefined || value === undefined || !isSafe(value)) return false
    values.set(variable, [value])
    return true
  }

  function iterated(symbols: readonly Term[]): boolean {
    const [symbol] = symbols
    const call = symbol?.type === 'call' ? callOf(symbol.value as readonly Term[]) : undefined
    if (call === undefined || symbols.length !== 1 || !call.name.startsWith('internal.member_')) return false
    const variables = call.args.slice(0, -1).map(varOf)
    const collection = call.args.at(-1)
    const trusted = trustedLists.get(pathOf(collection)?.join('.') ?? '')
    const items = trusted === undefined ? (itemsOf(collection) ?? helperItems(rules, varOf(collection))) : []
    if (items === undefined || (trusted === undefined && items.length === 0)) return false
    for (const [index, variable] of variables.entries()) {
      if (variable === undefined) return false
      const isItem = index === variables.length - 1
      values.set(variable, isItem && trusted === undefined ? items : undefined)
      if (isItem && trusted !== undefined) members.set(variable, trusted)
    }
    return true
  }

  /** A constant, a variable of this body, or a member that the items of a trusted list have. */
  function isSafe(term: Term | undefined): boolean {
    if (term === undefined) return false
    if (constantOf(term) !== undefined) return true
    const variable = varOf(term)
    if (variable !== undefined) return values.has(variable)
    const path = pathOf(term)
    if (path !== undefined) return path.length === 2 && (members.get(path[0]!)?.includes(path[1]!) ?? false)
    if (term.type === 'object')
      return (term.value as readonly (readonly [Term, Term])[]).every((pair) => pair.every(isSafe))
    if (term.type === 'array') return (term.value as readonly Term[]).every(isSafe)
    return false
  }

  function isPlain(term: Term): boolean {
    return term.type !== 'object' && term.type !== 'array' && isSafe(term)
  }
}

function hasFalseDefault(rules: readonly RuleNode[], helper: string): boolean {
  return rules.some(
    (rule) =>
      nameOf(rule) === helper &&
      rule.default === true &&
      rule.head.value?.type === 'boolean' &&
      rule.head.value.value === false,
  )
}

/** A number, text, list, object or set is true under `not`, 0 and the empty ones, too. */
function alwaysHolds(rules: readonly RuleNode[], helper: string): boolean {
  const versions = rules.filter((rule) => nameOf(rule) === helper).flatMap(withElse)
  return versions.some(({ head: { key, value } }) => (key !== undefined && value === undefined) || isNeverFalse(value))
}

const neverFalse = [
  'null',
  'number',
  'string',
  'array',
  'set',
  'object',
  'arraycomprehension',
  'setcomprehension',
  'objectcomprehension',
]

function isNeverFalse(value: Term | undefined): boolean {
  if (value?.type === 'call')
    return ['count', 'sum', 'max', 'min'].includes(callOf(value.value as readonly Term[])?.name ?? '')
  return value !== undefined && neverFalse.includes(value.type)
}

/** The items of a helper that is a non-empty constant collection whatever the input. */
function helperItems(rules: readonly RuleNode[], helper: string | undefined): readonly Term[] | undefined {
  const versions = rules.filter((rule) => nameOf(rule) === helper).flatMap(withElse)
  if (!versions.some((rule) => rule.default === true)) return undefined
  const lists = versions.map(({ head }) => itemsOf(head.value))
  return lists.every((items) => items !== undefined && items.length > 0)
    ? lists.flatMap((items) => items ?? [])
    : undefined
}

function withElse(rule: RuleNode): readonly RuleNode[] {
  return rule.else === undefined ? [rule] : [rule, ...withElse(rule.else)]
}
