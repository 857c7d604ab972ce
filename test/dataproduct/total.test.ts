/** What is missing, null or of another type is found, never passed over: every attribute of conforming and of other documents, spoilt in every way. The documents say which attributes rules read, so no table has to be kept. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDataproductPolicy } from '../../src/app/dataproduct-policy.ts'
import { buildDataproduct } from '../../src/bundles/build-dataproduct.ts'
import type { Path } from '../../src/dataproduct/document.ts'
import { evaluateRules, type RuleEngine } from '../../src/dataproduct/evaluate.ts'
import { bySeverity, type Severity } from '../../src/dataproduct/finding.ts'
import { readDocuments } from '../../src/dataproduct/read-document.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { corpusFolder } from './support/corpus.ts'
import { spoiltEverywhere } from './support/spoilt.ts'
import { testOpa } from './support/test-policy.ts'

const timeoutMs = 600_000
let folder: string
let engine: RuleEngine

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-total-'))
  const { bundles, findings } = await buildDataproduct(await testOpa(), repositoryFolder)
  expect(findings).toEqual([])
  const bundle = join(folder, 'dataproduct.tar.gz')
  writeFileSync(bundle, bundles[0]!.bytes)
  engine = loadDataproductPolicy({ bundle }).engine
}, timeoutMs)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function documentOf(file: string): unknown {
  return readDocuments({ file, bytes: readFileSync(join(corpusFolder, file)) }).documents[0]!.value
}

type Found = ReadonlyMap<string, Severity>

/** By rule, file, place and message. */
function found(document: unknown): Found {
  const { findings } = evaluateRules(engine, document)
  return new Map(findings.map(({ rule, path, message, severity }) => [JSON.stringify([rule, path, message]), severity]))
}

function beside(before: Found, after: Found): readonly Severity[] {
  return [...after].flatMap(([key, severity]) => (before.has(key) ? [] : [severity])).sort(bySeverity)
}

/** Items counted by their kind, custom properties by their name: `servers/#/customProperties/security/value/tlsOnly`. */
function called(document: unknown, path: Path): string {
  let value: unknown = document
  const steps = path.map((step) => {
    value = (value as Readonly<Record<string | number, unknown>>)[step]
    if (typeof step === 'string') return step
    const { property } = (value ?? {}) as { readonly property?: unknown }
    return typeof property === 'string' ? property : '#'
  })
  return steps.join('/')
}

/** Where a document is in order with less, or with another value. Everything else that a rule reads once has to be there, as it is. */
const mayBe: readonly (readonly [RegExp, readonly string[]])[] = [
  // items that count one by one
  [/\/#$/u, ['remove']],
  [/(?:^|\/)customProperties\/[^/]+$/u, ['remove']],
  [/(?:^|\/)slaProperties\/retention$/u, ['remove']],
  [/\/allowed\/#$/u, ['""']],
  // what a document may leave unsaid
  [/^(?:dataProduct\/)?(?:inputPorts|roles|servers|resource_changes)$/u, ['remove', 'null', '[]']],
  [/\/(?:properties\/#\/customProperties|thirdParty)$/u, ['remove', 'null', '[]']],
  [/Ports\/#\/type$/u, ['remove', 'null', '""']],
  [
    /customProperties\/(?:classification|reviewAfter|category|retentionPolicy|ipProtection)\/value$/u,
    ['remove', 'null'],
  ],
  [/\/(?:classification|enforcement|default|criticalDataElement|legalMinimum|tradeSecret)$/u, ['remove', 'null']],
  [/quality\/#\/type$/u, ['remove', 'null']],
  [/^dataProduct$/u, ['remove']],
  // values that are in order
  [/\/(?:primaryKey|criticalDataElement|atRest|tlsOnly|publicAccessBlocked|accessLog)$/u, ['true']],
  [/\/(?:redactPersonal|humanApproval|logging|success)$/u, ['true']],
  [/\/(?:block_public_acls|block_public_policy|ignore_public_acls|restrict_public_buckets)$/u, ['true']],
  [/(?:slaProperties\/[^/]+\/value|\/maxRows)$/u, ['17']],
]

function mayBeSo(place: string, how: string): boolean {
  return mayBe.some(([pattern, ways]) => pattern.test(place) && ways.includes(how))
}

const conforming = [
  'orders/orders.odps.yaml',
  'orders/orders.odcs.yaml',
  'assay-results/assay-results.product.yaml',
  'assay-results/assay-results.contract.yaml',
  'patient-registry/patient-registry.contract.json',
  'general-ledger/general-ledger.contract.yaml',
  'product-images/product-images.odps.yaml',
  'help-desk-agent/help-desk-agent.product.yaml',
  'web-analytics/web-analytics.product.yaml',
  'assay-results/storage.tfplan.json',
]

describe('a document in order', () => {
  test.each(conforming)(
    '%s: an attribute that a rule reads is found wanting whatever is wrong with it',
    (file) => {
      const document = documentOf(file)
      const before = found(document)
      expect([...before]).toEqual([])
      const places = new Map<string, { readonly how: string; readonly gravest: Severity | undefined }[]>()
      for (const { path, how, document: spoilt } of spoiltEverywhere(document)) {
        const ways = places.get(JSON.stringify(path)) ?? []
        ways.push({ how, gravest: beside(before, found(spoilt))[0] })
        places.set(JSON.stringify(path), ways)
      }
      const passedOver = [...places].flatMap(([key, ways]) => {
        const [gravest] = ways.flatMap((way) => way.gravest ?? []).sort(bySeverity)
        const place = called(document, JSON.parse(key) as Path)
        return gravest === undefined
          ? []
          : ways
              .filter((way) => way.gravest === undefined && !mayBeSo(place, way.how))
              .map(({ how }) => `${place} ${how}: nothing, ${gravest} otherwise`)
      })
      expect(passedOver).toEqual([])
    },
    timeoutMs,
  )
})

const notConforming = [
  'leads/leads.contract.yaml',
  'leads/leads.product.yaml',
  'trial-visits/trial-visits.contract.yaml',
  'recommender/recommender.product.json',
  'assay-drafts/invalid-enforcement.product.yaml',
]

/** What is spoilt, beside whatever else is looked at with it. */
function vanished(document: unknown, look: (document: unknown) => Found): readonly string[] {
  const before = look(document)
  expect(before.size).toBeGreaterThan(0)
  return spoiltEverywhere(document).flatMap(({ path, how, document: spoilt }) => {
    const place = called(document, path)
    if (how === 'remove' || mayBeSo(place, how)) return []
    const after = look(spoilt)
    const gone = [...before.keys()].filter((key) => !after.has(key))
    return gone.length === 0 || beside(before, after).length > 0 ? [] : [`${place} ${how}: ${gone[0]}`]
  })
}

describe('a document not in order', () => {
  test.each(notConforming)(
    '%s: no finding goes away because an attribute is of another type, unless another comes',
    (file) => {
      expect(vanished(documentOf(file), found)).toEqual([])
    },
    timeoutMs,
  )

  const shipments = readdirSync(join(corpusFolder, 'shipments')).filter((file) => file !== 'expected.json')
  test.each(shipments)(
    'shipments/%s: nor among others',
    (file) => {
      const tree = shipments.map((path) => ({ path, contents: documentOf(`shipments/${path}`) }))
      const look = (document: unknown) => {
        const together = tree.map((item) => (item.path === file ? { ...item, contents: document } : item))
        return new Map([...found(together), ...found(document)])
      }
      expect(vanished(documentOf(`shipments/${file}`), look)).toEqual([])
    },
    timeoutMs,
  )
})
