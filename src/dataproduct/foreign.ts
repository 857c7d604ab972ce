/** Whether a document of no kind of ours is a data product or contract all the same: of another standard, or with its kind misspelt. The rule INT-01 says which. */
import type { Json } from '../domain/json.ts'

/** Keys that name another standard. */
const standardKeys = ['dataContractSpecification', 'dataProductDescriptor']
const standardSchema = /opendataproducts\.org/iu
/** `dataContract`, `Data Product`, `DataContrakt`; and our own kinds in other letters. */
const nearlyKind = /^(?:data[^a-z]*(?:contr?a[ck]{0,2}t|produ[ck]t)s?|waivers?|approvals?)$/iu
/** Kubernetes and others write `v1` or `group/v1`. */
const standardVersion = /^v?\d+\.\d+\.\d+$/u
const standardBody = ['schema', 'dataset', 'inputPorts', 'outputPorts', 'slaProperties']

export function isForeign(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some((item) => isObject(item) && isKind(item['kind']))
  if (!isObject(value)) return false
  const { kind, schema, apiVersion } = value
  if (isKind(kind) || standardKeys.some((key) => Object.hasOwn(value, key))) return true
  if (typeof schema === 'string' && standardSchema.test(schema)) return true
  return (
    typeof apiVersion === 'string' &&
    standardVersion.test(apiVersion.trim()) &&
    standardBody.some((key) => Object.hasOwn(value, key))
  )
}

function isKind(kind: Json | undefined): boolean {
  return typeof kind === 'string' && nearlyKind.test(kind.trim())
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
