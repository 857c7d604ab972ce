/** Which kind of document a value is, by the marks that its standard gives it. */
import type { Json } from '../domain/json.ts'
import type { DocumentKind } from './document.ts'
import { isForeign } from './foreign.ts'

const KIND_BY_NAME: Readonly<Record<string, DocumentKind>> = {
  DataContract: 'odcs',
  DataProduct: 'odps',
  Waivers: 'waivers',
  Approvals: 'approvals',
}

export function documentKind(value: Json): DocumentKind {
  if (!isObject(value)) return isForeign(value) ? 'foreign' : 'unknown'
  const { kind } = value
  if (typeof kind === 'string' && Object.hasOwn(KIND_BY_NAME, kind)) return KIND_BY_NAME[kind]!
  if (Object.hasOwn(value, 'dataProduct') && !Object.hasOwn(value, 'schema')) return 'profile'
  if (
    Object.hasOwn(value, 'format_version') &&
    (Object.hasOwn(value, 'planned_values') || Object.hasOwn(value, 'resource_changes'))
  )
    return 'terraform-plan'
  if (isQualityResults(value)) return 'quality-results'
  return isForeign(value) ? 'foreign' : 'unknown'
}

/** Great Expectations, dbt's `run_results.json`, and Soda (also a data contract's test run). */
function isQualityResults(value: { readonly [key: string]: Json }): boolean {
  const { results, statistics, success, metadata, checks } = value
  if (checks !== undefined && hasAny(value, ['dataTimestamp', 'timestampStart'])) return true
  if (isObject(metadata) && String(metadata['dbt_schema_version']).includes('/run-results/')) return true
  if (Array.isArray(results)) {
    if (isObject(statistics) && success !== undefined) return true
    if (isObject(metadata) && typeof metadata['dbt_schema_version'] === 'string') return true
    return (
      results.length > 0 &&
      results.every((result: Json) => isObject(result) && hasAny(result, ['expectation_config', 'unique_id']))
    )
  }
  return (
    Array.isArray(checks) &&
    checks.length > 0 &&
    checks.every((check: Json) => isObject(check) && hasAny(check, ['outcome', 'result']))
  )
}

function hasAny(value: { readonly [key: string]: Json }, keys: readonly string[]): boolean {
  return keys.some((key) => Object.hasOwn(value, key))
}

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Its `apiVersion` as written; a number counts as it is printed. */
export function documentVersion(value: Json): string | undefined {
  const version = isObject(value) ? value['apiVersion'] : undefined
  return typeof version === 'string' || typeof version === 'number' ? String(version) : undefined
}
