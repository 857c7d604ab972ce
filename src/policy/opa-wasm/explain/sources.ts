/** The Rego of a bundle: what stands at a place of the plan, and what a rule's METADATA calls it. */
import type { AccessBundle } from '../access-bundle.ts'
import type { Place, Plan } from '../plan/ir.ts'

export type Sources = {
  /** `file:line`, as the sources of the bundle are named in their repository. */
  place(at: Place): string
  /** The line as it stands there, trimmed; `''` where the bundle has no Rego. */
  line(at: Place): string
  /** The title in the METADATA above a rule. */
  title(at: Place): string | undefined
}

export function createSources({ bundle, rules }: AccessBundle, plan: Plan): Sources {
  const lines = plan.files.map((file) => bundle.files.get(file)?.toString('utf8').split('\n') ?? [])
  const prefix = prefixOf(
    [...rules.values()].map(({ place }) => place),
    plan.files,
  )

  return {
    place: ({ file, row }) => `${prefix}${plan.files[file] ?? '?'}:${row}`,
    line: ({ file, row }) => lines[file]?.[row - 1]?.trim() ?? '',
    title({ file, row }) {
      const text = lines[file] ?? []
      for (let above = row - 2; above >= 0 && text[above]!.startsWith('#'); above--) {
        const [, title] = /^#\s*title:\s*(.*?)\s*$/.exec(text[above]!) ?? []
        if (title !== undefined) return title.replace(/^(["'])(.*)\1$/, '$2')
      }
      return undefined
    },
  }
}

/** What the places of rules have before the name that the file has in the bundle. */
function prefixOf(places: readonly (string | undefined)[], files: readonly string[]): string {
  for (const place of places) {
    const file = place?.replace(/:\d+$/, '')
    const known = file === undefined ? undefined : files.find((name) => file.endsWith(name))
    if (file !== undefined && known !== undefined) return file.slice(0, -known.length)
  }
  return ''
}
