/** `policies.yaml` at the root of a checkout: which folders hold data products, and which domains keep their policies elsewhere. Absent: `products/`, where it is there. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Path } from '../../dataproduct/document.ts'
import { readDocuments } from '../../dataproduct/read-document.ts'
import type { Json } from '../../domain/json.ts'
import type { PolicyFinding, PolicyFindingCode } from '../finding.ts'

export const manifestFile = 'policies.yaml'
const productsFolder = 'products'

/** The policies of one domain, as they are at one commit of another repository. */
export type DomainSource = {
  readonly domain: string
  /** A path from the root of the checkout, or what git takes for an address. */
  readonly repository: string
  readonly commit: string
  /** In `policies.yaml`. */
  readonly line: number
}

export type PolicyManifest = {
  readonly products: readonly string[]
  readonly domains: readonly DomainSource[]
  readonly findings: readonly PolicyFinding[]
}

type Say = (path: Path, message: string, code?: PolicyFindingCode) => void
type Members = Readonly<Record<string, Json | undefined>>

const domainName = /^[a-z][a-z0-9_]*$/
const commitName = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/

export async function readManifest(root: string): Promise<PolicyManifest> {
  const bytes = await readFile(join(root, manifestFile)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined)
    return { products: (await isFolder(join(root, productsFolder))) ? [productsFolder] : [], domains: [], findings: [] }
  const { documents, findings: broken } = readDocuments({ file: manifestFile, bytes })
  const findings = broken
    .filter(({ severity }) => severity === 'error')
    .map(({ line, message }) => finding('manifest.malformed', line, message))
  const [document] = documents
  if (document === undefined) {
    if (findings.length === 0) findings.push(finding('manifest.malformed', 1, 'The file holds nothing.'))
    return { products: [], domains: [], findings }
  }
  const lineAt = (path: Path) => document.locate(path).range.line
  const say: Say = (path, message, code = 'manifest.malformed') => findings.push(finding(code, lineAt(path), message))
  const { products = [], domains = [], ...others } = membersOf(document.value) ?? { unreadable: null }
  for (const key of Object.keys(others)) say([key], `${key}: only products and domains are known.`)
  return { products: foldersOf(products, say), domains: domainsOf(domains, lineAt, say), findings }
}

function foldersOf(value: Json, say: Say): readonly string[] {
  if (!Array.isArray(value)) {
    say(['products'], 'products is not a list of folders.')
    return []
  }
  return value.flatMap((folder: Json, index) => {
    if (typeof folder === 'string' && isInside(folder)) return [folder.replace(/\/+$/, '')]
    say(['products', index], 'This is not a folder of the checkout.')
    return []
  })
}

function domainsOf(value: Json, lineAt: (path: Path) => number, say: Say): readonly DomainSource[] {
  if (!Array.isArray(value)) {
    say(['domains'], 'domains is not a list.')
    return []
  }
  const seen = new Set<string>()
  return value.flatMap((item: Json, index): readonly DomainSource[] => {
    const path = ['domains', index]
    const { domain, repository, commit, ...others } = membersOf(item) ?? {}
    const [unknown] = Object.keys(others)
    if (typeof domain !== 'string' || !domainName.test(domain)) say(path, 'A domain has no name in lower case.')
    else if (typeof repository !== 'string' || repository === '' || repository.startsWith('-'))
      say(path, `${domain}: no repository is named.`)
    else if (typeof commit !== 'string' || !commitName.test(commit))
      say([...path, 'commit'], `${domain}: a branch or tag can move.`, 'domain.unpinned')
    else if (unknown !== undefined) say([...path, unknown], `${domain}: ${unknown} is not known here.`)
    else if (seen.has(domain)) say(path, `${domain}: the domain is there twice.`)
    else {
      seen.add(domain)
      return [{ domain, repository, commit, line: lineAt(path) }]
    }
    return []
  })
}

function finding(code: PolicyFindingCode, line: number, message: string): PolicyFinding {
  return { code, file: manifestFile, line, message }
}

function membersOf(value: Json | undefined): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
}

function isInside(folder: string): boolean {
  return folder !== '' && !/^(?:[/\\]|[A-Za-z]:)|\\/.test(folder) && !folder.split('/').includes('..')
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}
