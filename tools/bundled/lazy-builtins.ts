/** The host's built-ins as one script in which each family waits until a policy names one of its built-ins; which family that is, is known without the script. */
import { families } from '../../src/policy/opa-wasm/builtins/registry.ts'

export const builtinsScript = 'builtins.cjs'

/** The text of the script; its imports are beside the registry. */
export function familiesText(): string {
  const loads = Object.keys(families).map((family) => `${family}: () => require('./${family}.ts')`)
  return `
    const families = { ${loads.join(', ')} }
    const loaded = new Map()
    exports.builtinOf = (family, name) => {
      const { total } = require('./total.ts')
      if (!loaded.has(family)) loaded.set(family, Object.assign({}, ...Object.values(families[family]())))
      const builtin = loaded.get(family)[name]
      return builtin && total(name, builtin)
    }
  `
}

/** In place of the registry. `loadScript` has to be in scope, and `folder`, where the script lies. */
export function registryText(): string {
  const named = Object.entries(families).map(([family, builtins]) => [family, Object.keys(builtins)])
  return `
    const familyOf = new Map(${JSON.stringify(named)}.flatMap(([family, names]) => names.map((name) => [name, family])))
    export function createBuiltins({ withhold } = {}) {
      const withheld = new Set(withhold)
      const has = (name) => familyOf.has(name) && !withheld.has(name)
      const load = (name) => loadScript(folder + '/${builtinsScript}').builtinOf(familyOf.get(name), name)
      return { has, get: (name) => (has(name) ? load(name) : undefined) }
    }
  `
}
