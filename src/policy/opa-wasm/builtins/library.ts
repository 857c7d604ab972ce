/** Loads a library when a built-in first needs it: most policies need none, and a cold start is measured in milliseconds. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** `Library` is the type of the module, as `typeof import('…')`. */
export function library<Library>(name: string): () => Library {
  let loaded: Library | undefined
  return () => {
    loaded ??= require(name) as Library
    return loaded
  }
}
