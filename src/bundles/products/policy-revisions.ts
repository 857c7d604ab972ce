/** A product may name the revision of the access bundle that it was checked against: where another is built, that is a warning that says what changed since. */
import { readTarGz } from '../../policy/opa-wasm/index.ts'
import { compareBundles } from '../compare/compare-bundles.ts'
import type { PolicyFinding } from '../finding.ts'
import { bundleAt, findRevision } from '../history.ts'
import type { Product } from './product-ports.ts'

/** Changes told in one warning. */
const sentencesMax = 10
/** A shorter text than this names no revision. */
const revisionCharsMin = 8

type Built = { readonly name: string; readonly revision: string; readonly bytes: Uint8Array }

/** Warnings only. The older revision is looked up in the history of `bundles/`. */
export async function revisionFindings(
  root: string,
  products: readonly Product[],
  built: Built,
): Promise<readonly PolicyFinding[]> {
  const findings: PolicyFinding[] = []
  for (const { document, name, policyRevision } of products) {
    if (policyRevision === undefined) continue
    const named = String(policyRevision.value)
    if (named.length >= revisionCharsMin && built.revision.startsWith(named)) continue
    const { file } = document
    const { line } = document.locate(policyRevision.path).range
    const changes = await changesSince(root, named, built)
    findings.push(
      changes === undefined
        ? { code: 'product.revision_unknown', file, line, message: `${name} names a revision that is not known here.` }
        : {
            code: 'product.revision_older',
            file,
            line,
            message: `${name} was checked against older policies. ${changes}`,
          },
    )
  }
  return findings
}

/** undefined: there is no such revision in the history, or no history. */
async function changesSince(root: string, named: string, built: Built): Promise<string | undefined> {
  try {
    const { commit } = await findRevision(root, built.name, named)
    const changes = compareBundles(readTarGz(await bundleAt(root, commit, built.name)), readTarGz(built.bytes))
    const told = changes.slice(0, sentencesMax).map(({ sentence }) => sentence)
    const left = changes.length - told.length
    return [...told, ...(left > 0 ? [`And ${left} more changes.`] : [])].join(' ')
  } catch {
    return undefined
  }
}
