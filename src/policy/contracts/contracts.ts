/** The contracts that a bundle carries beside its rules: one revision says both what is enforced and on which fields. */
import { type Contract, type FieldTree, firstDifference, treeOfFields } from '../../domain/contract.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { ResourceId } from '../../domain/ids.ts'
import { isMaskPath } from '../../domain/json-pointer.ts'
import type { RecordSchema } from '../../domain/record-policy.ts'
import type { Leaf } from '../../domain/records.ts'
import { covers, parseResourceId } from '../../domain/resource-id.ts'

export type Contracts = {
  /** With product and fields of the contract that covers it, whatever it said of itself; without one, as it is. */
  describe(leaf: Leaf): Leaf
  /** How data of this leaf differs from its contract, in words; undefined: it doesn't, or there is nothing to compare. */
  difference(leaf: Leaf, schema: RecordSchema): string | undefined
}

type Known = Contract & {
  readonly tree: FieldTree
  /** What was found of schemas that reads share. */
  readonly differences: WeakMap<RecordSchema, { readonly words: string | undefined }>
}

/** @param data `contracts` of the bundle's data: by resource id, `{product, fields: {<pointer>: <classification>}}`; undefined: none. @throws bundle.corrupt */
export function parseContracts(data: unknown): Contracts {
  const known = Object.entries(objectOf(data ?? {})).map(([id, value]) => [resourceOf(id), contractOf(value)] as const)
  const exact = new Map(known)
  const folders = known.filter(([id]) => id.endsWith('/'))
  const contractFor = (id: ResourceId): Known | undefined =>
    exact.get(id) ?? folders.find(([folder]) => covers(folder, id))?.[1]
  return {
    describe(leaf) {
      const contract = contractFor(leaf.id)
      return contract === undefined ? leaf : { ...leaf, product: contract.product, fields: contract.fields }
    },
    difference(leaf, schema) {
      const contract = contractFor(leaf.id)
      if (contract === undefined) return undefined
      const found = contract.differences.get(schema) ?? { words: firstDifference(contract.tree, schema) }
      contract.differences.set(schema, found)
      return found.words
    },
  }
}

function contractOf(value: unknown): Known {
  const { product, fields } = objectOf(value)
  if (typeof product !== 'string') throw corrupt()
  const list = Object.entries(objectOf(fields)).map(([path, classification]) => {
    if (!isMaskPath(path) || typeof classification !== 'string') throw corrupt()
    return { path, classification }
  })
  return { product, fields: list, tree: treeOfFields(list), differences: new WeakMap() }
}

function resourceOf(text: string): ResourceId {
  try {
    return parseResourceId(text)
  } catch {
    throw corrupt()
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt()
  return value as Readonly<Record<string, unknown>>
}

function corrupt(): PortcullisError {
  return new PortcullisError('bundle.corrupt', {
    message: 'The policy bundle is corrupt: data.json: contracts: expected products and fields by resource.',
  })
}
