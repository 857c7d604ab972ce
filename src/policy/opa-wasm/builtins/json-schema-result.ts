/** What validation by a JSON schema has found so far. */

export type SchemaError = { readonly type: string; readonly field: string; readonly description: string }

/** The better it matched, the higher the score: of several alternatives the best one's errors are shown. */
export type Result = { readonly errors: SchemaError[]; score: number }

/** Path of names and indexes from the root. */
export type Context = string

export const root: Context = '(Root)'
export function fail(result: Result, context: Context, type: string, description: string): void {
  result.errors.push({ type, field: fieldOf(context), description })
  result.score -= 2
}

export function merge(result: Result, inner: Result): void {
  result.errors.push(...inner.errors)
  result.score += inner.score
}

export function best(results: readonly Result[]): Result {
  return results.reduce((chosen, result) => (result.score > chosen.score ? result : chosen))
}

export function hasErrors({ errors }: Result): boolean {
  return errors.length > 0
}

export function below(context: Context, name: string): Context {
  return `${context}.${name}`
}

export function fieldOf(context: Context): string {
  return context.startsWith(`${root}.`) ? context.slice(root.length + 1) : context
}
