/** From the products of a checkout to what the bundle carries of them: attachments of their own layers, and contracts by resource. */
import { resolve } from 'node:path'
import type { Path, ProductDocument } from '../../dataproduct/document.ts'
import { childOf } from '../../dataproduct/named-path.ts'
import { readTree } from '../../dataproduct/read-tree.ts'
import { checkSchema } from '../../dataproduct/schema/check-schema.ts'
import { collectFiles } from '../../dataproduct/source-files.ts'
import type { ResourceId } from '../../domain/ids.ts'
import type { Json } from '../../domain/json.ts'
import { covers } from '../../domain/resource-id.ts'
import type { PolicyFinding, PolicyFindingCode } from '../finding.ts'
import type { Source, SourcePlace } from '../sources.ts'
import { type ContractFields, contractFields } from './contract-fields.ts'
import { manifestFile } from './manifest.ts'
import { type Port, type Product, productsOf, type Said } from './product-ports.ts'

export const contractsPath = 'contracts/data.json'

export type ProductSources = {
  readonly sources: readonly Source[]
  readonly findings: readonly PolicyFinding[]
  readonly products: readonly Product[]
}

const lists = { user: 'user', resource: 'resource_rules', record: 'record_rules' } as const
type List = (typeof lists)[keyof typeof lists]
const layerName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const ruleName = /^(?:rules\.)?([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)$/

type Say = (code: PolicyFindingCode, path: Path, message: string) => void
type Attachment = { readonly resource: string } & { readonly [list in List]?: readonly (readonly [string, string])[] }
/** Of an attachment: its port, its resource, and its policy. */
type Places = { readonly port: Path; readonly resource: Path; readonly policy: Path }
type Served = { readonly product: string; readonly contract: string; readonly fields: ContractFields }

/** `given`: the sources that lie below policies/ already. */
export function readProducts(root: string, folders: readonly string[], given: readonly Source[]): ProductSources {
  const findings: PolicyFinding[] = []
  const documents = readAll(root, folders, findings)
  const contracts = documents.filter(({ kind }) => kind === 'odcs')
  const products = productsOf(documents)
  const served = new Map<string, Served>()
  const layers = new Map<string, Source>()

  for (const product of products) {
    const { document, domain, name, ports } = product
    const say: Say = (code, path, message) => findings.push({ code, ...placeIn(document, path), message })
    const serving = ports.filter(({ resources }) => resources !== undefined)
    if (serving.length === 0) continue
    if (!layerName.test(domain) || !layerName.test(name)) {
      say(
        'product.unnamed',
        [],
        'A product that serves resources has no domain and name that a layer can be called by.',
      )
      continue
    }
    const path = `attachments/product/${domain}/${name}/data.json`
    if (layers.has(path) || given.some((source) => source.path === path)) {
      const where = layers.has(path) ? 'by another product of this name' : `in policies/${path}`
      say('product.conflict', [], `product:${domain}/${name} is attached ${where}, too.`)
      continue
    }
    const attachments = serving.flatMap((port) => attach(port, `${domain}/${name}`, { contracts, served, say }))
    if (attachments.length > 0) layers.set(path, layerOf(path, document, attachments))
  }
  const sources = [...layers.values()]
  if (served.size > 0) sources.push(contractsOf(served))
  return { sources, findings, products }
}

function readAll(root: string, folders: readonly string[], findings: PolicyFinding[]): readonly ProductDocument[] {
  if (folders.length === 0) return []
  const collected = collectFiles(folders, root, resolve(root))
  const tree = readTree(collected.files)
  for (const { file = manifestFile, message } of [...collected.problems, ...tree.problems])
    findings.push({ code: 'product.invalid', file, line: 1, message })
  const documents = tree.files.flatMap((file) => file.documents)
  for (const { file, line, message, severity } of [
    ...tree.files.flatMap((file) => file.findings),
    ...documents.flatMap((document) => checkSchema(document)),
  ])
    if (severity === 'error' || severity === 'critical')
      findings.push({ code: 'product.invalid', file, line, message: `${message}.` })
  return documents
}

type Context = {
  readonly contracts: readonly ProductDocument[]
  readonly served: Map<string, Served>
  readonly say: Say
}

function attach(
  port: Port,
  product: string,
  { contracts, served, say }: Context,
): readonly (readonly [Attachment, Places])[] {
  const { label, path, resources, accessPolicy, contractId } = port
  const rule = ruleOf(port, say)
  const contract = contractOf(port, contracts, say)
  const entries = resources!.value
  if (!Array.isArray(entries) || entries.length === 0) {
    say('product.resources_malformed', resources!.path, `Port ${label}: resources is not a list of ids.`)
    return []
  }
  if (rule === undefined || contract === undefined || accessPolicy === undefined) return []
  return entries.flatMap((entry: Json, index): readonly (readonly [Attachment, Places])[] => {
    const place = [...resources!.path, index]
    const resource = typeof entry === 'string' ? entry : childOf(entry, 'id')
    const object = childOf(entry, 'object')
    if (typeof resource !== 'string' || (object !== undefined && typeof object !== 'string')) {
      say('product.resources_malformed', place, `Port ${label}: a resource is neither an id nor {id, object}.`)
      return []
    }
    const other = [...served.keys()].find((id) => overlap(id, resource))
    if (other !== undefined) {
      say(
        'product.resource_twice',
        place,
        `Port ${label}: ${resource} and ${other} overlap, so two contracts would hold.`,
      )
      return []
    }
    const fields = contractFields(contract.value, object)
    if (!fields.ok) {
      const { file, line } = placeIn(contract, fields.path)
      say('contract.unusable', contractId!.path, `Port ${label}: its contract ${fields.message} (${file}:${line}).`)
      return []
    }
    served.set(resource, { product, contract: String(childOf(contract.value, 'id')), fields: fields.fields })
    const attached = Object.fromEntries(rule.lists.map((list) => [list, [rule.pair]]))
    return [
      [
        { resource, ...attached },
        { port: path, resource: place, policy: accessPolicy.path },
      ],
    ]
  })
}

function overlap(one: string, other: string): boolean {
  return covers(one as ResourceId, other as ResourceId) || covers(other as ResourceId, one as ResourceId)
}

type PortRule = { readonly pair: readonly [string, string]; readonly lists: readonly List[] }

function ruleOf({ label, path, accessPolicy }: Port, say: Say): PortRule | undefined {
  if (accessPolicy === undefined) {
    say('product.policy_missing', path, `Port ${label} serves resources and has no accessPolicy.`)
    return undefined
  }
  const { value } = accessPolicy
  const name = typeof value === 'string' ? value : childOf(value, 'package')
  const match = typeof name === 'string' ? ruleName.exec(name) : null
  const attached = childOf(value, 'attach') ?? 'record'
  const kinds = Array.isArray(attached) ? attached : [attached]
  if (match === null || kinds.length === 0 || !kinds.every(isListName)) {
    say('product.policy_malformed', accessPolicy.path, `Port ${label}: accessPolicy names no rule.`)
    return undefined
  }
  return { pair: [match[1]!, match[2]!], lists: kinds.map((kind) => lists[kind]) }
}

function isListName(value: Json): value is keyof typeof lists {
  return typeof value === 'string' && Object.hasOwn(lists, value)
}

function contractOf({ label, path, contractId }: Port, contracts: readonly ProductDocument[], say: Say) {
  const id: Said['value'] | undefined = contractId?.value
  const found = contracts.filter(({ value }) => id !== undefined && childOf(value, 'id') === id)
  if (found.length === 1) return found[0]
  const message =
    id === undefined
      ? 'names no contract'
      : found.length === 0
        ? 'names a contract that is not there'
        : `names a contract that is there ${found.length} times`
  say('contract.unresolved', contractId?.path ?? path, `Port ${label} ${message}.`)
  return undefined
}

function layerOf(
  path: string,
  document: ProductDocument,
  attachments: readonly (readonly [Attachment, Places])[],
): Source {
  const { file } = document
  const bytes = jsonBytes(attachments.map(([attachment]) => attachment))
  const placeOf = ([index, member]: Path): SourcePlace => {
    const places = typeof index === 'number' ? attachments[index]?.[1] : undefined
    const place = member === 'resource' ? places?.resource : member === undefined ? places?.port : places?.policy
    return placeIn(document, place ?? [])
  }
  return { path, file, bytes, placeOf }
}

/** By resource, in the order of the ids: the same products give the same bytes. */
function contractsOf(served: ReadonlyMap<string, Served>): Source {
  const sorted = [...served].sort(([left], [right]) => (left < right ? -1 : 1))
  const placeOf = (): SourcePlace => ({ file: manifestFile, line: 1 })
  return { path: contractsPath, file: manifestFile, bytes: jsonBytes(Object.fromEntries(sorted)), placeOf }
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}

function placeIn(document: ProductDocument, path: Path): SourcePlace {
  return { file: document.file, line: document.locate(path).range.line }
}
