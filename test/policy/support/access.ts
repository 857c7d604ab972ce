/** Access bundles for tests: a composition of its own with the HR rules, so that the engine is tested without the product's policies. */

import { parseUserId } from '../../../src/domain/ids.ts'
import type { RecordSchema } from '../../../src/domain/record-policy.ts'
import type { Leaf, User } from '../../../src/domain/records.ts'
import { parseResourceId } from '../../../src/domain/resource-id.ts'
import { mergeMasks } from '../../../src/policy/masks/merge-masks.ts'
import { parseMask } from '../../../src/policy/masks/parse-mask.ts'
import { accessEntrypoints } from '../../../src/policy/opa-wasm/access-bundle.ts'
import type { MaskRules } from '../../../src/policy/opa-wasm/decision-text.ts'
import type { LeafQuery } from '../../../src/policy/policy-engine.ts'
import { type Built, build, type Sources, tarGz } from './opa.ts'
import { composition, hrRules } from './rego.ts'

export const hrAttachments = {
  organisation: [
    {
      resource: 'file:/data/',
      user: [['org', 'active']],
      resource_rules: [['org', 'purpose']],
      record_rules: [['org', 'purpose']],
    },
  ],
  domain: {
    hr: [
      {
        resource: 'file:/data/hr/',
        user: [],
        resource_rules: [['org', 'purpose']],
        record_rules: [
          ['hr', 'bank_details'],
          ['hr', 'duty_of_care'],
          ['hr', 'visible'],
        ],
      },
    ],
  },
  product: {},
}

export const hrMetadata = {
  'org.active': { title: 'Only active accounts', place: 'rules/org/active/active.rego:1' },
  'org.purpose': { title: 'A purpose is needed', place: 'rules/org/purpose/purpose.rego:1' },
  'hr.visible': { title: 'HR and managers', place: 'rules/hr/visible/visible.rego:1' },
  'hr.bank_details': { title: 'Bank details for payroll', place: 'rules/hr/bank_details/bank_details.rego:1' },
  'hr.duty_of_care': { title: 'Duty of care', place: 'rules/hr/duty_of_care/duty_of_care.rego:1' },
}

export type BundleParts = {
  readonly rules?: Sources
  readonly attachments?: unknown
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly plan?: boolean
  readonly manifest?: Readonly<Record<string, unknown>>
}

export function sourcesOf({ rules = hrRules, attachments = hrAttachments }: BundleParts): Sources {
  return { ...composition, ...rules, 'data.json': JSON.stringify({ attachments }) }
}

const builds = new Map<string, Built>()

export function accessBundle(parts: BundleParts = {}): Buffer {
  const sources = sourcesOf(parts)
  const key = JSON.stringify(sources)
  const built = builds.get(key) ?? build(sources, accessEntrypoints)
  builds.set(key, built)
  const manifest = {
    ...(JSON.parse(built.manifest) as object),
    revision: 'test',
    metadata: { rules: parts.metadata ?? hrMetadata },
    ...parts.manifest,
  }
  return tarGz({
    '.manifest': JSON.stringify(manifest),
    'data.json': built.data,
    'policy.wasm': built.wasm,
    ...(parts.plan === false ? {} : { 'plan.json': built.plan }),
  })
}

export const maskRules: MaskRules = { parse: parseMask, merge: mergeMasks }

export const openSchema: RecordSchema = { accepts: () => 'ok', canCompute: () => true }

export function user(id: string, attributes: User['attributes'] = {}, active = true): User {
  return { id: parseUserId(id), active, roles: [], attributes }
}

export const leaf: Leaf = {
  id: parseResourceId('file:/data/hr/employees.avro'),
  mediaType: 'application/avro',
  recordType: 'Employee',
  attributes: {},
}

export function query(of: User, purpose: string, now = 1_000): LeafQuery {
  return { user: of, context: { purpose }, leaf, now }
}

/** The HR rules with `rules/hr/visible` in these words. */
export function visible(rego: string): Sources {
  return { ...hrRules, 'rules/hr/visible/visible.rego': `package rules.hr.visible\n\n${rego}\n` }
}
