/** The host's built-ins as a policy is given them: looked up by name, and loaded when a policy first names one, since most name none. */
import type { Builtins } from './builtin.ts'
import { createBuiltins } from './registry.ts'

/** Of a module's names, which are few. */
export type BuiltinLookup = Pick<Builtins, 'get' | 'has'>

/** `more` go before OPA's. */
export function suppliedBuiltins(
  options: { readonly withhold?: Iterable<string>; readonly more?: Builtins | undefined } = {},
): BuiltinLookup {
  const { more } = options
  let loaded: Builtins | undefined

  function all(): Builtins {
    loaded ??= createBuiltins(options)
    return loaded
  }

  return {
    get: (name) => more?.get(name) ?? all().get(name),
    has: (name) => more?.has(name) === true || all().has(name),
  }
}
