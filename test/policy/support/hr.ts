/** The HR example's people and leaves, and the engine over the product's committed bundle. */
import { fileURLToPath } from 'node:url'
import { parseUserId } from '../../../src/domain/ids.ts'
import type { Leaf, User } from '../../../src/domain/records.ts'
import { parseResourceId } from '../../../src/domain/resource-id.ts'
import { type AccessEngineOptions, loadAccessEngine } from '../../../src/policy/opa-wasm/engine.ts'
import type { LeafQuery, PolicyEngine } from '../../../src/policy/policy-engine.ts'
import { hrFiles } from '../../e2e/hr-truth.ts'
import { maskRules } from './access.ts'

export const accessBundleFile = fileURLToPath(new URL('../../../bundles/access.tar.gz', import.meta.url))

const training = { training: ['PAYROLL_TRAINING_COURSE'] }

/** As in examples/hr/users.yaml. */
export const hrPeople = {
  Alice: { id: parseUserId('Alice'), active: true, roles: ['HR'], attributes: training },
  Bob: { id: parseUserId('Bob'), active: true, roles: ['ESTATES'], attributes: {} },
  Eve: { id: parseUserId('Eve'), active: true, roles: ['IT'], attributes: {} },
  Mallory: { id: parseUserId('Mallory'), active: false, roles: ['HR'], attributes: training },
} as const satisfies Record<string, User>

export type HrPerson = keyof typeof hrPeople

export function hrLeaf(file: string = hrFiles[0]): Leaf {
  return {
    id: parseResourceId(`file:/data/hr/${file}`),
    mediaType: 'avro/binary',
    recordType: 'uk.gov.gchq.syntheticdatagenerator.types.Employee',
    attributes: {},
  }
}

export function hrQuery(person: HrPerson, purpose: string, file?: string): LeafQuery {
  return { user: hrPeople[person], context: { purpose }, leaf: hrLeaf(file), now: Date.UTC(2026, 0, 1) }
}

export function loadHrEngine(options: Partial<AccessEngineOptions> = {}): PolicyEngine {
  return loadAccessEngine({ bundle: accessBundleFile, masks: maskRules, ...options })
}
