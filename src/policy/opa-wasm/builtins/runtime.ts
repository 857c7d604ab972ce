/** opa.runtime: what the process is allowed to know about itself; nothing unless the evaluation's context says so. */
import { type Builtin, BuiltinError } from './builtin.ts'

export const runtimeBuiltins: Readonly<Record<string, Builtin>> = {
  'opa.runtime': (_, { runtime }) => {
    if (runtime === undefined) throw new BuiltinError('there is no runtime information')
    return runtime
  },
}
