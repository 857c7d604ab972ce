/** The rules for data products, ready to be asked: the bundle's policy with an organisation's own data over its defaults, and what its manifest says of each rule. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RuleEngine, reportEntrypoint } from '../dataproduct/evaluate.ts'
import { isRecord, type RuleInfo, readRules } from '../dataproduct/rule-info.ts'
import { PortcullisError } from '../domain/errors.ts'
import { readBundle } from '../policy/opa-wasm/bundle.ts'
import { createPolicy } from '../policy/opa-wasm/index.ts'

export const dataproductBundle = fileURLToPath(new URL('../../bundles/dataproduct.tar.gz', import.meta.url))

export type DataproductPolicy = {
  readonly engine: RuleEngine
  readonly revision: string
  readonly rules: readonly RuleInfo[]
}

/** One evaluation of all documents of a large tree takes more than a record's may. */
const limits = {
  timeMsMax: 60_000,
  memoryPagesMax: 32_768,
  inputBytesMax: 256 * 1_048_576,
  resultBytesMax: 64 * 1_048_576,
}

/**
 * `dataFolders` are laid out as OPA reads them: the folders of a data.json are its place in `data`. Later ones win; objects are merged, all else is replaced.
 * @throws bundle.missing, bundle.corrupt, bundle.refused
 */
export function loadDataproductPolicy(
  options: { readonly bundle?: string; readonly dataFolders?: readonly string[] } = {},
): DataproductPolicy {
  const { bundle: path = dataproductBundle, dataFolders = [] } = options
  const bundle = read(path)
  if (!bundle.entrypoints.includes(reportEntrypoint))
    throw new PortcullisError('bundle.refused', {
      message: `${path}: has no entrypoint ${reportEntrypoint}, so nothing can be checked with it.`,
    })
  const data =
    dataFolders.length === 0
      ? bundle.data
      : dataFolders.map(readDataFolder).reduce(merge, JSON.parse(bundle.data.toString('utf8')) as unknown)
  return {
    engine: createPolicy({ wasm: bundle.module, data, limits }),
    revision: bundle.revision,
    rules: readRules(bundle.metadata),
  }
}

/** What the manifest says of the rules, without making an engine. @throws bundle.missing, bundle.corrupt */
export function loadDataproductRules(path: string = dataproductBundle): readonly RuleInfo[] {
  return readRules(read(path).metadata)
}

function read(path: string) {
  try {
    // whoever waits for a check at the command line can end it; a server asks with a limit of time
    return readBundle(path, { interruptible: false })
  } catch (cause) {
    if (!(cause instanceof PortcullisError) || cause.code !== 'bundle.missing') throw cause
    throw new PortcullisError('bundle.missing', { message: `${path}: there is no policy bundle here.`, cause })
  }
}

function readDataFolder(folder: string): unknown {
  let merged: unknown = {}
  let entries: ReturnType<typeof list>
  try {
    entries = list(folder)
  } catch (cause) {
    throw new PortcullisError('bundle.missing', { message: `${folder}: this folder of data cannot be read.`, cause })
  }
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) merged = merge(merged, { [entry.name]: readDataFolder(path) })
    else if (entry.name === 'data.json') merged = merge(merged, parse(path))
  }
  return merged
}

function list(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).sort((left, right) => (left.name < right.name ? -1 : 1))
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new PortcullisError('bundle.corrupt', { message: `${path}: not readable as JSON.`, cause })
  }
}

function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over
  const merged: Record<string, unknown> = Object.assign(Object.create(null), base)
  for (const [key, value] of Object.entries(over))
    merged[key] = Object.hasOwn(base, key) ? merge(base[key], value) : value
  return merged
}
