/** The product's policies with rules beside them that other leaves have. */
import type { Sources } from './opa.ts'
import { productMetadata, productSources } from './product-bundle.ts'

export function withRulesElsewhere(count: number): {
  readonly sources: Sources
  readonly metadata: Readonly<Record<string, unknown>>
} {
  const sources: Record<string, string> = { ...productSources() }
  const metadata: Record<string, unknown> = { ...productMetadata() }
  for (let index = 0; index < count; index++) {
    const name = `r${index}`
    metadata[`other.${name}`] = { title: name }
    sources[`rules/other/${name}/${name}.rego`] =
      `package rules.other.${name}\n\npermit contains "r" if input.record.grade != "${index}"\n`
    sources[`attachments/product/p${index}/data.json`] = JSON.stringify([
      { resource: `file:/other/${index}/`, user: [], resource_rules: [], record_rules: [['other', name]] },
    ])
  }
  return { sources, metadata }
}
