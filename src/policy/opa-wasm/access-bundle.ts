/** A bundle of access rules that was checked: its entrypoints exist, and so does every rule that is attached. */
import type { Revision } from '../../domain/ids.ts'
import { type Contracts, parseContracts } from '../contracts/contracts.ts'
import { type Bundle, corrupt, parseObject, readBundle, refused } from './bundle.ts'
import { attachedRules, parseRules, type Rule, type RuleName } from './rules.ts'

export const accessEntrypoints = [
  'access/user',
  'access/resource',
  'access/record',
  'access/attached',
  'access/guard',
] as const

export type AccessBundle = {
  readonly bundle: Bundle
  readonly revision: Revision
  readonly rules: ReadonlyMap<RuleName, Rule>
  readonly contracts: Contracts
}

/** @throws bundle.missing, bundle.corrupt, bundle.refused with what is wrong and where */
export function readAccessBundle(source: string | Uint8Array): AccessBundle {
  const bundle = readBundle(source)
  if (bundle.revision === '') throw corrupt('.manifest: revision: missing')
  for (const entrypoint of accessEntrypoints)
    if (!bundle.entrypoints.includes(entrypoint)) throw corrupt(`.manifest: wasm: entrypoint ${entrypoint} is missing`)
  for (const root of ['access', 'rules', 'attachments'])
    if (!bundle.roots.some((given) => given === '' || given === root))
      throw corrupt(`.manifest: roots: ${root} is missing`)
  const rules = parseRules(bundle.metadata)
  const { attachments, contracts } = parseObject(bundle.data, 'data.json')
  for (const name of attachedRules(attachments))
    if (!rules.has(name)) throw refused(`rule ${name} is attached, but the bundle does not hold it`)
  return { bundle, revision: bundle.revision as Revision, rules, contracts: parseContracts(contracts) }
}
