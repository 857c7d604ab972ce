/** What the standards have no field for: our names of `customProperties` and the shape of their values. */
import { anything, closed, conditional, listOf, open, type Schema, scalar, text, whenIs } from './json-schema.ts'

const words: Schema = { type: ['string', 'array'], items: text }
const textOrParts: Schema = { type: ['string', 'object'] }
const textOrYes: Schema = { type: ['string', 'boolean', 'object', 'array'] }
const duration: Schema = {
  type: ['string', 'object'],
  properties: { value: scalar, unit: text, period: text, archiveGround: text, legalBasis: text },
}

/** By the name of the property. A name that is not here is the organisation's own, and its value is free. */
export const conventions: Readonly<Record<string, { readonly says: string; readonly value: Schema }>> = {
  accessPolicy: {
    says: 'the policy that guards reads through an output port: its package, or an object with `package` and `default: deny`',
    value: { ...open({ package: text, default: text }), type: ['string', 'object'] },
  },
  resources: {
    says: 'the resource ids that an output port serves through the guard, or `id` with the `object` of the contract',
    value: { type: 'array', items: { ...open({ id: text, object: text }), type: ['string', 'object'] } },
  },
  policyRevision: { says: 'the revision of the access bundle that the product was checked against', value: text },
  retentionPolicy: { says: 'how long data is kept: `3 years`, `P3Y`, or `value` and `unit`', value: duration },
  ipProtection: { says: 'owner, licence and terms of use', value: { type: ['string', 'object', 'array'] } },
  ip: { says: 'owner, licence and terms of use', value: { type: ['string', 'object', 'array'] } },
  aiUse: {
    says: 'none, inference, rag or training, with purposes',
    value: { ...open({ purposes: words }), type: ['string', 'object', 'array'], items: anything },
  },
  agentPolicy: {
    says: 'what agents may do: tools, models, use cases, limits',
    value: open({ allowedTools: listOf(text), allowedModels: listOf(text), useCases: listOf(text) }),
  },
  classification: { says: 'the level of the whole document or port', value: text },
  classificationRollup: { says: 'how the levels of fields make the level of the whole', value: textOrParts },
  category: { says: 'what kind of data a field holds', value: words },
  lawfulBasis: { says: 'the ground in GDPR Article 6', value: { type: ['string', 'array', 'object'] } },
  specialCategoryGround: { says: 'the ground in GDPR Article 9(2)', value: { type: ['string', 'array', 'object'] } },
  ropaId: { says: 'the entry in the record of processing activities', value: { type: ['string', 'number'] } },
  dpia: { says: 'the data protection impact assessment', value: textOrYes },
  residency: { says: 'regions in which the data has to stay', value: { type: ['string', 'array', 'object'] } },
  transfer: { says: 'the mechanism for a transfer to another region', value: { type: ['string', 'array', 'object'] } },
  erasure: { says: 'how personal data is erased on request', value: textOrParts },
  deidentification: { says: 'how identities were removed', value: { type: ['string', 'array', 'object'] } },
  encryption: { says: 'encryption at rest and its key', value: textOrYes },
  reviewAfter: { says: 'the day on which the document has to be reviewed', value: text },
  successor: { says: 'what comes after a deprecated product', value: text },
  tier: { says: 'how important the product is, from 1', value: { type: ['integer', 'string'] } },
}

/** One entry of `customProperties`. */
export function conventionsSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    title: 'An entry of customProperties',
    ...open({ property: text, value: anything }, ['property', 'value']),
    allOf: Object.entries(conventions).map(([name, { says, value }]) =>
      whenIs('property', name, { properties: { value: { description: says, ...value } } }),
    ),
  }
}

/** A management port whose content is `control`: where the product's own policy server answers. */
export function controlPortSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    title: 'A management port',
    ...conditional(
      { type: 'object', properties: { content: { const: 'control' } }, required: ['content'] },
      {
        required: ['url'],
      },
    ),
  }
}

const reason = { type: 'string', minLength: 1 }
const isoDay = { type: 'string', pattern: '^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$' }

export function waiversSchema(): Schema {
  const scope = {
    ...closed({ product: text, file: text, path: { type: 'array', items: { type: ['string', 'integer'] } } }),
    anyOf: [{ required: ['product'] }, { required: ['file'] }],
  }
  return {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    title: 'Waivers',
    ...open(
      {
        kind: { const: 'Waivers' },
        waivers: listOf(
          closed({ rule: text, scope, reason, owner: reason, ticket: reason, expires: isoDay }, [
            'rule',
            'scope',
            'reason',
            'owner',
            'ticket',
            'expires',
          ]),
        ),
      },
      ['kind', 'waivers'],
    ),
  }
}

export function approvalsSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    title: 'Approvals',
    ...open({ kind: { const: 'Approvals' }, approvals: listOf({ type: 'object' }) }, ['kind', 'approvals']),
  }
}
