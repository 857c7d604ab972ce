/** From a mask as a policy answers it to one that can be carried out. Anything not exactly known is refused. */
import type { Mask } from '../../domain/decision.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import { isMaskPath } from '../../domain/json-pointer.ts'
import { maskActions } from './mask-actions.ts'

/** @throws mask.malformed that says what is wrong, quoting nothing */
export function parseMask(value: Json): Mask {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('not an object')
  const { path, action, ...parameters } = value as { readonly [key: string]: Json }
  if (typeof path !== 'string' || !isMaskPath(path)) throw malformed('path: not a JSON pointer below the record')
  if (typeof action !== 'string' || !isAction(action)) throw malformed('action: not a known one')
  const known = maskActions[action]
  if (!Object.keys(parameters).every((name) => known.parameters.includes(name)))
    throw malformed(`${action}: a parameter that it does not have`)
  const mask = known.parse(path, parameters)
  if (mask === undefined) throw malformed(`${action}: a parameter is missing or not valid`)
  return mask
}

function isAction(action: string): action is Mask['action'] {
  return Object.hasOwn(maskActions, action)
}

function malformed(what: string): PortcullisError {
  return new PortcullisError('mask.malformed', {
    message: `Policy asks for a mask that is not well formed (${what}), so nothing is read.`,
  })
}
