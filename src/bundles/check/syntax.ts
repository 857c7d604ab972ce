/** The part of OPA's syntax tree (`opa parse --format json`) that the check reads. OPA wrote it, so its shape is taken as given. */

export type Location = { readonly row: number }
export type Term = { readonly type: string; readonly value: unknown; readonly location?: Location }
export type Symbols = { readonly symbols: readonly Term[] }
export type Expr = {
  readonly negated?: boolean
  readonly terms: Term | readonly Term[] | Symbols
  readonly with?: unknown
  readonly location?: Location
}
export type Head = {
  readonly ref: readonly Term[]
  readonly key?: Term
  readonly value?: Term
  readonly args?: readonly Term[]
  readonly location?: Location
}
export type RuleNode = {
  readonly default?: boolean
  readonly head: Head
  readonly body: readonly Expr[]
  readonly else?: RuleNode
  readonly location?: Location
}
export type Annotation = {
  readonly scope: string
  readonly title?: string
  readonly description?: string
  readonly custom?: Readonly<Record<string, unknown>>
}
export type Module = {
  readonly package: { readonly path: readonly Term[]; readonly location?: Location }
  readonly annotations?: readonly Annotation[]
  readonly rules?: readonly RuleNode[]
}

export function packageOf(module: Module): string {
  return module.package.path
    .slice(1)
    .map(({ value }) => String(value))
    .join('.')
}

/** The first segment of a rule's name: `deny` of `deny.x`. */
export function nameOf({ head }: RuleNode): string {
  return String(head.ref[0]?.value)
}

export function lineOf(node: { readonly location?: Location } | undefined, otherwise = 1): number {
  return node?.location?.row ?? otherwise
}

/** `var` by name; undefined for any other term. */
export function varOf(term: Term | undefined): string | undefined {
  return term?.type === 'var' ? String(term.value) : undefined
}

/** The segments of a reference that has constants only: `input.resource.fields`. */
export function pathOf(term: Term | undefined): readonly string[] | undefined {
  if (term?.type !== 'ref') return undefined
  const [first, ...rest] = term.value as readonly Term[]
  if (first?.type !== 'var' || rest.some(({ type }) => type !== 'string')) return undefined
  return [String(first.value), ...rest.map(({ value }) => String(value))]
}

/** Name and arguments of `assign(x, 1)`, `internal.member_2(x, xs)`. */
export function callOf(terms: readonly Term[]): { readonly name: string; readonly args: readonly Term[] } | undefined {
  const [operator, ...args] = terms
  const path = pathOf(operator)
  return path === undefined ? undefined : { name: path.join('.'), args }
}

/** The JSON value of a term that holds constants only; a set gives a list. */
export function constantOf(term: Term | undefined): { readonly value: unknown } | undefined {
  switch (term?.type) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return { value: term.value ?? null }
    case 'array':
    case 'set': {
      const items = (term.value as readonly Term[]).map(constantOf)
      return items.every((item) => item !== undefined) ? { value: items.map(({ value }) => value) } : undefined
    }
    case 'object': {
      const entries: [string, unknown][] = []
      for (const [key, item] of term.value as readonly (readonly [Term, Term])[]) {
        const constant = constantOf(item)
        if (key.type !== 'string' || constant === undefined) return undefined
        entries.push([String(key.value), constant.value])
      }
      return { value: Object.fromEntries(entries) }
    }
    default:
      return undefined
  }
}

/** The items that `some x in` gives of a constant collection. */
export function itemsOf(term: Term | undefined): readonly Term[] | undefined {
  if (term === undefined || constantOf(term) === undefined) return undefined
  if (term.type === 'array' || term.type === 'set') return term.value as readonly Term[]
  if (term.type === 'object') return (term.value as readonly (readonly [Term, Term])[]).map(([, item]) => item)
  return undefined
}

/** Every node below, itself included, that the predicate holds for. */
export function findNodes<Node>(
  root: unknown,
  is: (node: Readonly<Record<string, unknown>>) => boolean,
): readonly Node[] {
  const found: Node[] = []
  visit(root)
  return found

  function visit(node: unknown): void {
    if (Array.isArray(node)) for (const item of node) visit(item)
    else if (typeof node === 'object' && node !== null) {
      const record = node as Readonly<Record<string, unknown>>
      if (is(record)) found.push(record as Node)
      for (const [key, item] of Object.entries(record)) if (key !== 'location') visit(item)
    }
  }
}
