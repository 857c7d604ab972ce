/** strings.render_template: Go's text/template, without methods, over the data of a policy. */
import { getKey, isArray, isObject, type RegoObject, type Value } from '../value.ts'
import { valueFromLenientJson } from '../value-text.ts'
import { BuiltinError } from './builtin.ts'
import { goText } from './go-quote.ts'
import { shortCircuits, templateFunctions } from './template-functions.ts'
import { parseTemplate } from './template-parse.ts'
import type { Command, Expression, Pipeline, TemplateNode } from './template-tree.ts'
import { asText, goInteger, isGoNumber, isTrue, noValue, show, type TemplateValue } from './template-value.ts'

/** Steps and characters of one rendering: templates can loop and call themselves. */
const stepsMax = 1_000_000
const lengthMax = 4_194_304
const depthMax = 500

const functionNames: ReadonlySet<string> = new Set([...templateFunctions.keys(), ...shortCircuits])

export function renderTemplate(text: string, variables: RegoObject): string {
  const { root, defined } = parseTemplate(text, functionNames)
  const rendering = createRendering(defined)
  rendering.run(root, dataOf(variables))
  return rendering.text().replaceAll(noValue, '<undefined>')
}

/** OPA reads the text of the object, quoted as Go does, as JSON: escapes and sets that JSON doesn't have make it fail. */
function dataOf(variables: RegoObject): Value {
  try {
    return valueFromLenientJson(goText(variables))
  } catch (cause) {
    throw new BuiltinError('the variables are not JSON', 'eval_builtin_error', { cause })
  }
}

type Variable = { readonly name: string; value: TemplateValue }
/** Why a walk ends before its end. */
type Leave = 'break' | 'continue' | undefined

function fail(what: string): never {
  throw new BuiltinError(`template: ${what}`)
}

function createRendering(defined: ReadonlyMap<string, readonly TemplateNode[]>) {
  let out = ''
  let steps = 0
  let depth = 0
  let variables: Variable[] = []

  function write(text: string): void {
    out += text
    if (out.length > lengthMax) fail('the result is too long')
  }

  /** A template of its own: it sees no variables but `$`. */
  function run(nodes: readonly TemplateNode[], dot: TemplateValue): void {
    if (++depth > depthMax) fail('exceeded maximum template depth')
    const outside = variables
    variables = [{ name: '$', value: dot }]
    walk(nodes, dot)
    variables = outside
    depth--
  }

  function walk(nodes: readonly TemplateNode[], dot: TemplateValue): Leave {
    for (const node of nodes) {
      if (++steps > stepsMax) fail('too many steps')
      const leave = visit(node, dot)
      if (leave !== undefined) return leave
    }
    return undefined
  }

  function visit(node: TemplateNode, dot: TemplateValue): Leave {
    switch (node.kind) {
      case 'text':
        write(node.text)
        return undefined
      case 'action': {
        const value = evaluate(node.pipeline, dot)
        if (node.pipeline.declares.length === 0) write(value === undefined || value === null ? noValue : show(value))
        return undefined
      }
      case 'template': {
        const nodes = defined.get(node.name) ?? fail(`template "${node.name}" not defined`)
        run(nodes, node.pipeline === undefined ? undefined : evaluate(node.pipeline, dot))
        return undefined
      }
      case 'break':
      case 'continue':
        return node.kind
      default:
        return scoped(() => (node.kind === 'range' ? loop(node, dot) : branch(node, dot)))
    }
  }

  function scoped<Result>(use: () => Result): Result {
    const { length } = variables
    const result = use()
    variables.length = length
    return result
  }

  type Control = Extract<TemplateNode, { readonly kind: 'if' | 'with' | 'range' }>

  function branch({ kind, pipeline, body, otherwise }: Control, dot: TemplateValue): Leave {
    const value = evaluate(pipeline, dot)
    if (isTrue(value)) return walk(body, kind === 'with' ? value : dot)
    return otherwise === undefined ? undefined : walk(otherwise, dot)
  }

  function loop({ pipeline, body, otherwise }: Control, dot: TemplateValue): Leave {
    // Here the variables stand for an element each, so the pipeline itself declares none.
    const value = evaluate({ ...pipeline, declares: [], assigns: false }, dot)
    const items = elements(value, pipeline.declares.length)
    for (const [key, item] of items) {
      const leave = scoped(() => {
        bind(pipeline, key, item)
        return walk(body, item)
      })
      if (leave === 'break') return undefined
    }
    return items.length > 0 || otherwise === undefined ? undefined : walk(otherwise, dot)
  }

  function bind({ declares, assigns }: Pipeline, key: TemplateValue, item: TemplateValue): void {
    const values = declares.length === 2 ? [key, item] : [item]
    for (const [position, name] of declares.entries()) {
      if (assigns) lookup(name).value = values[position]
      else variables.push({ name, value: values[position] })
    }
  }

  function lookup(name: string): Variable {
    return variables.findLast((variable) => variable.name === name) ?? fail(`undefined variable: ${name}`)
  }

  function evaluate({ declares, assigns, commands }: Pipeline, dot: TemplateValue): TemplateValue {
    let value: TemplateValue
    for (const [position, command] of commands.entries()) {
      value = evaluateCommand(command, dot, position === 0 ? [] : [value]) ?? undefined
    }
    for (const name of declares) {
      if (assigns) lookup(name).value = value
      else variables.push({ name, value })
    }
    return value
  }

  /** What was before the bar is the last argument. */
  function evaluateCommand(
    [first, ...args]: Command,
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    if (first.kind === 'function') return callFunction(first.name, args, dot, piped)
    if (args.length > 0 || piped.length > 0) fail("can't give argument to non-function")
    if (first.kind === 'nil') fail('nil is not a command')
    return evaluateExpression(first, dot)
  }

  function callFunction(
    name: string,
    args: readonly Expression[],
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    if (shortCircuits.has(name)) return shortCircuit(name, args, dot, piped)
    const values = [...args.map((argument) => evaluateExpression(argument, dot)), ...piped]
    return templateFunctions.get(name)!(values)
  }

  function shortCircuit(
    name: string,
    args: readonly Expression[],
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    if (args.length + piped.length === 0) fail(`wrong number of args for ${name}`)
    let value: TemplateValue
    for (const argument of args) {
      value = evaluateExpression(argument, dot)
      if (isTrue(value) === (name === 'or')) return value
    }
    return piped.length === 0 ? value : piped[0]
  }

  function evaluateExpression(expression: Expression, dot: TemplateValue): TemplateValue {
    switch (expression.kind) {
      case 'dot':
        return dot
      case 'nil':
        return undefined
      case 'boolean':
      case 'string':
        return expression.value
      case 'integer':
        return { kind: 'integer', value: expression.value }
      case 'float':
        return { kind: 'float', value: expression.value }
      case 'function':
        return callFunction(expression.name, [], dot, [])
      case 'field':
        return fields(dot, expression.names)
      case 'variable':
        return fields(lookup(expression.name).value, expression.names)
      case 'pipeline':
        return fields(
          scoped(() => evaluate(expression.pipeline, dot)),
          expression.names,
        )
    }
  }

  return { run, text: () => out }
}

function fields(value: TemplateValue, names: readonly string[]): TemplateValue {
  let current = value
  for (const name of names) {
    // A key that isn't there has no value, and neither has anything below it.
    if (current === undefined) return undefined
    if (current === null) return fail(`nil pointer evaluating interface {}.${name}`)
    if (isGoNumber(current) || typeof current !== 'object' || !isObject(current)) {
      return fail(`can't evaluate field ${name}`)
    }
    current = getKey(current, name)
  }
  return current
}

/** With their indexes or keys; a whole number stands for that many numbers from 0. */
function elements(value: TemplateValue, declared: number): readonly (readonly [TemplateValue, TemplateValue])[] {
  if (value === undefined || value === null) return []
  if (isGoNumber(value) && value.kind === 'integer') {
    if (declared > 1 || value.value > BigInt(stepsMax)) return fail("can't iterate over the number")
    return Array.from({ length: Math.max(Number(value.value), 0) }, (_, index) => [undefined, goInteger(index)])
  }
  if (isGoNumber(value) || asText(value) !== undefined || typeof value !== 'object') {
    return fail("range can't iterate over the value")
  }
  if (isArray(value)) return value.map((item, index): [TemplateValue, Value] => [goInteger(index), item])
  return isObject(value) ? value.entries : fail("range can't iterate over the value")
}
