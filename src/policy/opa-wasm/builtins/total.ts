/** Makes a built-in total: whatever goes wrong inside, a BuiltinError comes out, and never a text that WASM can't read. */
import { isArray, type Value } from '../value.ts'
import { type Builtin, BuiltinError } from './builtin.ts'

/** `name` stands in front of what is wrong. */
export function total(name: string, builtin: Builtin): Builtin {
  return (args, context) => {
    try {
      const result = builtin(args, context)
      if (result !== undefined && !isWellFormed(result)) throw new BuiltinError('the result is not valid UTF-8')
      return result
    } catch (error) {
      if (error instanceof BuiltinError) throw new BuiltinError(`${name}: ${error.message}`, error.code)
      throw new BuiltinError(`${name}: failed unexpectedly`, 'eval_builtin_error', { cause: error })
    }
  }
}

function isWellFormed(value: Value): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  if (isArray(value)) return value.every(isWellFormed)
  if (value.kind === 'decimal') return true
  if (value.kind === 'set') return value.items.every(isWellFormed)
  return value.entries.every(([key, item]) => isWellFormed(key) && isWellFormed(item))
}
