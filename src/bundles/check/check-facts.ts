/** The facts a rule declares in its METADATA, and that it reads no others. */
import { parseFact } from '../../domain/facts.ts'
import type { Json } from '../../domain/json.ts'
import type { PolicyFindingCode } from '../finding.ts'
import { findNodes, lineOf, type Module, type Term } from './syntax.ts'

export type FactProblem = { readonly code: PolicyFindingCode; readonly line: number; readonly message: string }

export function factProblems(rule: string, module: Module, facts: unknown): readonly FactProblem[] {
  const line = lineOf(module.package)
  if (facts !== undefined && !isRecord(facts))
    return [{ code: 'fact.malformed', line, message: 'custom.facts is not an object.' }]
  const declared = Object.entries(facts ?? {})
  const malformed = declared.flatMap(([name, fact]) => {
    const message = factProblem(name, fact)
    return message === undefined ? [] : [{ code: 'fact.malformed' as const, line, message }]
  })
  return [...malformed, ...undeclared(rule, module, new Set(declared.map(([name]) => name)))]
}

function factProblem(name: string, fact: unknown): string | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return `The fact ${name}: its name is not lower-case letters, digits and _.`
  try {
    parseFact(name, fact as Json)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** A fact that isn't declared is always false: reading it is a mistake, even where it fails closed. */
function undeclared(rule: string, module: Module, declared: ReadonlySet<string>): readonly FactProblem[] {
  const refs = findNodes<Term>(module.rules ?? [], (node) => {
    if (node.type !== 'ref' || !Array.isArray(node.value)) return false
    const [first, second] = node.value as readonly Term[]
    return first?.value === 'input' && second?.value === 'facts'
  })
  return refs.flatMap((ref) => {
    const [, , owner, fact] = ref.value as readonly Term[]
    const own =
      owner?.type === 'string' && owner.value === rule && fact?.type === 'string' && declared.has(String(fact.value))
    return own
      ? []
      : [
          {
            code: 'fact.undeclared' as const,
            line: lineOf(ref),
            message: 'The rule reads a fact that it does not declare.',
          },
        ]
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
