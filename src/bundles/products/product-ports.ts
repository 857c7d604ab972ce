/** The output ports of products (ODPS, or our own profile): what they say of resources, contract and access policy, and where they say it. */

import type { Path, ProductDocument } from '../../dataproduct/document.ts'
import { childOf, valueAt } from '../../dataproduct/named-path.ts'
import type { Json } from '../../domain/json.ts'

/** A value and where it stands. */
export type Said = { readonly value: Json; readonly path: Path }

export type Port = {
  readonly label: string
  readonly path: Path
  readonly resources: Said | undefined
  readonly accessPolicy: Said | undefined
  readonly contractId: Said | undefined
}

export type Product = {
  readonly document: ProductDocument
  /** Empty where it says none. */
  readonly domain: string
  readonly name: string
  readonly policyRevision: Said | undefined
  readonly ports: readonly Port[]
}

/** Of the documents that are products. */
export function productsOf(documents: readonly ProductDocument[]): readonly Product[] {
  return documents.flatMap((document) => {
    const base: Path | undefined =
      document.kind === 'odps' ? [] : document.kind === 'profile' ? ['dataProduct'] : undefined
    return base === undefined ? [] : [productOf(document, base)]
  })
}

function productOf(document: ProductDocument, base: Path): Product {
  const { value } = document
  const text = (key: string) => {
    const said = valueAt(value, [...base, key])
    return typeof said === 'string' ? said : ''
  }
  const ports = valueAt(value, [...base, 'outputPorts'])
  return {
    document,
    domain: text('domain'),
    name: text('name') === '' ? text('id') : text('name'),
    policyRevision: said(value, base, 'policyRevision'),
    ports: (Array.isArray(ports) ? ports : []).map((port: Json, index) => {
      const path = [...base, 'outputPorts', index]
      const name = childOf(port, 'name')
      return {
        label: typeof name === 'string' ? name : String(index),
        path,
        resources: said(value, path, 'resources'),
        accessPolicy: said(value, path, 'accessPolicy'),
        contractId: said(value, path, 'contractId'),
      }
    }),
  }
}

/** As a member of the part at this path, or as one of its custom properties. */
function said(document: Json, path: Path, key: string): Said | undefined {
  const own = valueAt(document, [...path, key])
  if (own !== undefined && own !== null) return { value: own, path: [...path, key] }
  const custom = valueAt(document, [...path, 'customProperties'])
  const index = Array.isArray(custom) ? custom.findIndex((one: Json) => childOf(one, 'property') === key) : -1
  if (index < 0) return undefined
  const place = [...path, 'customProperties', index, 'value']
  const value = valueAt(document, place)
  return value === undefined || value === null ? undefined : { value, path: place }
}
