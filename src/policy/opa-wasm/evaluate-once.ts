/** One run of `eval` in an instance. */
import type { Address } from './abi.ts'
import { type Core, PolicyAbort } from './core.ts'
import { limitError } from './limit-errors.ts'

/** Evaluates what `context` says and reads the result, which must be read before anything else is done. */
export function evaluateOnce(core: Core, context: Address, resultBytesMax: number): string {
  const { abi, text } = core
  if (abi.eval(context) !== 0) throw new PolicyAbort('eval failed')
  const address = abi.opa_value_dump(abi.opa_eval_ctx_get_result(context))
  if (address === 0) throw new PolicyAbort('dump failed')
  const bytes = text.bytes()
  const end = bytes.indexOf(0, address)
  if (end - address > resultBytesMax) throw limitError('resultBytesMax', resultBytesMax)
  return bytes.toString('utf8', address, end)
}
