/** Go's text/template language, parsed. */
import { BuiltinError } from './builtin.ts'
import { type Lexeme, lexAction, splitTemplate } from './template-lex.ts'
import type { Command, Expression, Pipeline, Template, TemplateNode } from './template-tree.ts'

/** Levels of nesting of actions and parentheses. */
const depthMax = 500

type Ending = 'end' | 'else' | 'end of text'
type Body = { readonly nodes: readonly TemplateNode[]; readonly ending: Ending }

/** @throws BuiltinError */
export function parseTemplate(text: string, functions: ReadonlySet<string>): Template {
  const pieces = splitTemplate(text)
  const defined = new Map<string, readonly TemplateNode[]>()
  let at = 0
  let depth = 0
  let loops = 0
  /** Names of variables that can be used here. */
  let variables: readonly string[] = ['$']
  let lexemes: readonly Lexeme[] = []
  let next = 0

  function fail(what: string): never {
    throw new BuiltinError(`template: ${what}`)
  }

  function nested<Result>(read: () => Result): Result {
    if (++depth > depthMax) fail('nested too deep')
    const result = read()
    depth--
    return result
  }

  function body(): Body {
    const nodes: TemplateNode[] = []
    while (at < pieces.length) {
      const piece = pieces[at++]!
      if (piece.kind === 'text') {
        if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text })
        continue
      }
      lexemes = lexAction(piece.text)
      next = 0
      const word = lexemes[0]?.kind === 'word' ? lexemes[0].text : ''
      if (word === 'end' || word === 'else') {
        next = 1
        return { nodes, ending: word }
      }
      const node = nested(() => action(word))
      if (node !== undefined) nodes.push(node)
    }
    return { nodes, ending: 'end of text' }
  }

  function action(word: string): TemplateNode | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        next = 1
        return control(word)
      case 'template':
        next = 1
        return { kind: 'template', name: templateName(), pipeline: optionalPipeline() }
      case 'define':
        return define()
      case 'block':
        return block()
      case 'break':
      case 'continue':
        next = 1
        atEnd()
        if (loops === 0) fail(`{{${word}}} outside {{range}}`)
        return { kind: word }
      default:
        if (lexemes.length === 0) fail('missing value for command')
        return { kind: 'action', pipeline: wholePipeline(true) }
    }
  }

  function control(kind: 'if' | 'with' | 'range'): TemplateNode {
    const scope = variables
    const pipeline = wholePipeline(true, kind === 'range')
    if (kind === 'range') loops++
    const { nodes, ending } = body()
    if (kind === 'range') loops--
    const otherwise = ending === 'else' ? alternative(kind, scope) : undefined
    if (ending === 'end of text') fail('unexpected EOF')
    if (ending === 'end') atEnd()
    variables = scope
    return { kind, pipeline, body: nodes, otherwise }
  }

  /** `else`, `else if …`, `else with …`: the latter share the `end`. */
  function alternative(kind: 'if' | 'with' | 'range', scope: readonly string[]): readonly TemplateNode[] {
    const following = lexemes[next]
    if (following?.kind === 'word' && following.text === kind && kind !== 'range') {
      next++
      return [nested(() => control(kind))]
    }
    atEnd()
    variables = kind === 'range' ? scope : variables
    const { nodes, ending } = body()
    if (ending !== 'end') fail(ending === 'else' ? 'expected end; found {{else}}' : 'unexpected EOF')
    atEnd()
    return nodes
  }

  function define(): undefined {
    if (depth > 1) fail('unexpected {{define}}')
    next = 1
    const name = templateName()
    atEnd()
    defineAs(name)
  }

  function block(): TemplateNode {
    next = 1
    const name = templateName()
    const pipeline = wholePipeline(false)
    defineAs(name)
    return { kind: 'template', name, pipeline }
  }

  function defineAs(name: string): void {
    const outside = { variables, loops, depth }
    variables = ['$']
    loops = 0
    const { nodes, ending } = body()
    if (ending !== 'end') fail('unexpected end of a definition')
    atEnd()
    variables = outside.variables
    loops = outside.loops
    // A definition that is empty never replaces another.
    const isEmpty = nodes.every((node) => node.kind === 'text' && node.text.trim() === '')
    if (!isEmpty || !defined.has(name)) defined.set(name, nodes)
  }

  function templateName(): string {
    const lexeme = lexemes[next++]
    return lexeme?.kind === 'string' ? lexeme.text : fail('unexpected name of a template')
  }

  function atEnd(): void {
    if (next < lexemes.length) fail(`unexpected <${lexemes[next]!.text}>`)
  }

  function optionalPipeline(): Pipeline | undefined {
    return next === lexemes.length ? undefined : wholePipeline(false)
  }

  function wholePipeline(mayDeclare: boolean, isRange = false): Pipeline {
    const pipeline = readPipeline(mayDeclare, isRange)
    atEnd()
    return pipeline
  }

  function readPipeline(mayDeclare: boolean, isRange = false): Pipeline {
    const { declares, assigns } = mayDeclare ? declarations(isRange) : { declares: [], assigns: false }
    const commands: Command[] = []
    do commands.push(command(commands.length === 0))
    while (take('|'))
    if (assigns) for (const name of declares) if (!variables.includes(name)) fail(`undefined variable "${name}"`)
    if (!assigns) variables = [...variables, ...declares]
    return { declares, assigns, commands }
  }

  function declarations(isRange: boolean): { readonly declares: readonly string[]; readonly assigns: boolean } {
    const names: string[] = []
    let ahead = next
    while (lexemes[ahead]?.kind === 'variable') {
      names.push(lexemes[ahead]!.text)
      ahead++
      if (lexemes[ahead]?.text !== ',' || !isRange || names.length === 2) break
      ahead++
    }
    const operator = lexemes[ahead]?.kind === 'operator' ? lexemes[ahead]!.text : ''
    if (names.length === 0 || (operator !== ':=' && operator !== '=')) return { declares: [], assigns: false }
    next = ahead + 1
    return { declares: names, assigns: operator === '=' }
  }

  function take(text: string): boolean {
    const lexeme = lexemes[next]
    if (lexeme?.kind !== 'operator' || lexeme.text !== text) return false
    next++
    return true
  }

  function command(isFirst: boolean): Command {
    const first = operand()
    if (first === undefined) return fail('missing value for command')
    if (!isFirst && !['field', 'variable', 'function', 'pipeline'].includes(first.kind)) {
      fail('non executable command in pipeline')
    }
    const rest: Expression[] = []
    for (let expression = operand(); expression !== undefined; expression = operand()) rest.push(expression)
    return [first, ...rest]
  }

  function operand(): Expression | undefined {
    const expression = simpleOperand()
    if (expression === undefined) return undefined
    const names: string[] = []
    while (lexemes[next]?.kind === 'field' && lexemes[next]!.isJoined) names.push(lexemes[next++]!.text)
    if (names.length === 0) return expression
    switch (expression.kind) {
      case 'field':
        return { ...expression, names: [...expression.names, ...names] }
      case 'variable':
      case 'pipeline':
        return { ...expression, names }
      default:
        return fail(`unexpected . after term`)
    }
  }

  function simpleOperand(): Expression | undefined {
    const lexeme = lexemes[next]
    if (lexeme === undefined) return undefined
    switch (lexeme.kind) {
      case 'word':
        next++
        return word(lexeme.text)
      case 'dot':
        next++
        return { kind: 'dot' }
      case 'field':
        next++
        return { kind: 'field', names: [lexeme.text] }
      case 'variable':
        next++
        if (!variables.includes(lexeme.text)) fail(`undefined variable "${lexeme.text}"`)
        return { kind: 'variable', name: lexeme.text, names: [] }
      case 'string':
        next++
        return { kind: 'string', value: lexeme.text }
      case 'integer':
        next++
        return { kind: 'integer', value: lexeme.integer! }
      case 'float':
        next++
        return { kind: 'float', value: lexeme.float! }
      case 'operator':
        return lexeme.text === '(' ? parenthesised() : undefined
    }
  }

  function parenthesised(): Expression {
    next++
    const pipeline = nested(() => readPipeline(true))
    if (!take(')')) fail('unclosed left paren')
    return { kind: 'pipeline', pipeline, names: [] }
  }

  function word(text: string): Expression {
    if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' }
    if (text === 'nil') return { kind: 'nil' }
    return functions.has(text) ? { kind: 'function', name: text } : fail(`function "${text}" not defined`)
  }

  const { nodes, ending } = body()
  if (ending !== 'end of text') fail(`unexpected {{${ending}}}`)
  return { root: nodes, defined }
}
