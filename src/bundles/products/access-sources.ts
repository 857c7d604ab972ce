/** Everything that the access bundle is made of: the policies of the checkout, those of domains elsewhere, and what the data products say. */
import { readSources, type Sources } from '../sources.ts'
import { readDomains } from './domain-sources.ts'
import { readManifest } from './manifest.ts'
import type { Product } from './product-ports.ts'
import { readProducts } from './product-sources.ts'

export type AccessSources = Sources & { readonly products: readonly Product[] }

/** @throws tool.failed, bundle.missing */
export async function readAccessSources(root: string): Promise<AccessSources> {
  const [own, manifest] = await Promise.all([readSources(root), readManifest(root)])
  const domains = await readDomains(root, manifest.domains, own.sources)
  const written = [...own.sources, ...domains.sources]
  const products = readProducts(root, manifest.products, written)
  return {
    products: products.products,
    sources: [...written, ...products.sources].sort((left, right) => (left.path < right.path ? -1 : 1)),
    findings: [...own.findings, ...manifest.findings, ...domains.findings, ...products.findings],
  }
}
