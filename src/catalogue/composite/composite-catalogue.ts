/** One catalogue of several, each with a root of its own: an id belongs to the one whose root it lies below. */
import { PortcullisError } from '../../domain/errors.ts'
import type { ResourceId } from '../../domain/ids.ts'
import { isFolder } from '../../domain/resource-id.ts'
import { compareIds } from '../id-order.ts'
import type { ResourceCatalogue } from '../resource-catalogue.ts'

export type CataloguePart = {
  /** Canonical, ends in `/`. */
  readonly root: ResourceId
  readonly catalogue: ResourceCatalogue
}

/** @throws PortcullisError config.invalid where a root lies below another: whose leaves those are would be said by nobody */
export function createCompositeCatalogue(given: readonly CataloguePart[]): ResourceCatalogue {
  const parts = [...given].sort((a, b) => compareIds(a.root, b.root))
  for (const part of parts)
    if (!isFolder(part.root) || parts.some((other) => other !== part && part.root.startsWith(other.root)))
      throw new PortcullisError('config.invalid', {
        message: `catalogue.roots: ${part.root} must end in / and lie below no other root`,
      })
  const partOf = (id: ResourceId) => parts.find(({ root }) => id.startsWith(root))
  return {
    async *leaves(resource, options) {
      const part = partOf(resource)
      const below = isFolder(resource) ? parts.filter(({ root }) => root.startsWith(resource)) : []
      if (part === undefined && below.length === 0) throw new PortcullisError('resource.unknown')
      if (part !== undefined) yield* part.catalogue.leaves(resource, options)
      // roots that do not lie below one another sort as all their leaves do
      else for (const { root, catalogue } of below) yield* catalogue.leaves(root, options)
    },
    async locate(leaf) {
      const part = partOf(leaf)
      if (part === undefined) throw new PortcullisError('resource.unknown')
      return part.catalogue.locate(leaf)
    },
  }
}
