/** The files of `portcullis init`: a product and its contract in the organisation's default vocabulary, which conform as they are. */

export type StarterOptions = {
  readonly name: string
  readonly domain: string
  readonly now: Date
  /** A UUID. */
  readonly newId: () => string
}

const dayMs = 86_400_000

/** Path and text of each. */
export function starterFiles(options: StarterOptions): readonly (readonly [string, string])[] {
  const { name, newId } = options
  const contractId = newId()
  return [
    [`${name}.product.yaml`, product(options, newId(), contractId)],
    [`${name}.contract.yaml`, contract(options, contractId)],
  ]
}

function team(name: string, domain: string, now: Date): string {
  const since = new Date(now.getTime() - dayMs).toISOString().slice(0, 10)
  return `team:
  name: ${domain}-${name}
  members:
    - username: alice@example.com
      role: owner
      dateIn: "${since}"
    - username: bob@example.com
      role: steward
      dateIn: "${since}"
support:
  - channel: "#${name}"
    url: https://chat.example.com/${name}
`
}

function product({ name, domain, now }: StarterOptions, id: string, contractId: string): string {
  return `# What the product is, who answers for it, and what it offers. Checked by: portcullis check
apiVersion: v1.0.0
kind: DataProduct
id: ${id}
name: ${name}
version: 1.0.0
status: active
domain: ${domain}
description:
  purpose: Say here what the data is for.
  usage: Say here how it is read.
  limitations: Say here what it must not be used for.
customProperties:
  - property: classification
    value: internal
  - property: aiUse
    value: {allowed: [none], textAndDataMining: reserved}
managementPorts:
  - name: control
    content: control
    type: rest
    url: https://opa.platform.example/v1/data/dataproduct
    description: The policy server that this product is checked by.
    customProperties:
      - property: bundleVersion
        value: 1.0.0
outputPorts:
  - name: ${name}-file
    version: 1.0.0
    type: file
    description: The whole of it, as one file a day.
    contractId: ${contractId}
    customProperties:
      - property: classification
        value: internal
      - property: accessPolicy
        value: {package: hr.bank_details, default: deny}
      - property: ipProtection
        value: {owner: ${domain}, licence: internal-use, usageTerms: Within the organisation.}
${team(name, domain, now)}`
}

function contract({ name, domain, now }: StarterOptions, id: string): string {
  return `# What the output port of ${name} promises to those who read it.
apiVersion: v3.1.0
kind: DataContract
id: ${id}
name: ${name}
version: 1.0.0
status: active
domain: ${domain}
dataProduct: ${name}
description:
  purpose: Say here what the data is for.
  usage: Say here how it is read.
  limitations: Say here what it must not be used for.
customProperties:
  - property: aiUse
    value: {allowed: [none], textAndDataMining: reserved}
schema:
  - name: ${name}
    logicalType: object
    physicalType: file
    description: One line an item.
    quality:
      - {name: ${name}_complete, type: text, dimension: completeness, description: No item_id is empty.}
      - {name: ${name}_unique, type: text, dimension: uniqueness, description: No item_id is there twice.}
      - {name: ${name}_conform, type: text, dimension: conformity, description: No amount is below zero.}
      - {name: ${name}_timely, type: text, dimension: timeliness, description: The file is there by six in the morning.}
    properties:
      - name: item_id
        logicalType: string
        description: What identifies the item.
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        classification: internal
      - name: amount
        logicalType: number
        description: How much of it there is.
        classification: internal
slaProperties:
  - property: retention
    value: 3
    unit: "y"
  - property: availability
    value: 99.5
    unit: percent
  - property: latency
    value: 24
    unit: h
  - property: frequency
    value: 1
    unit: d
${team(name, domain, now)}`
}
