/** Checks a document against the JSON Schema of its own version, and custom properties against our conventions. */
import { createRequire } from 'node:module'
import type { Json } from '../../domain/json.ts'
import type { Path, ProductDocument } from '../document.ts'
import { type Finding, fingerprintOf, type Severity } from '../finding.ts'
import { conventions } from './conventions.ts'
import { didYouMean } from './did-you-mean.ts'
import { createKnownKeys } from './known-keys.ts'
import type { SchemaName } from './schemas.ts'
import { nameOf, type Violation, violations } from './violations.ts'

const RULE = 'INT-01'

type Validator = { (value: Json): boolean; readonly errors?: Parameters<typeof violations>[0] | null }

const require = createRequire(import.meta.url)

/** The versions that are known, each with its schema. */
const versions: Readonly<Record<'odcs' | 'odps' | 'profile', ReadonlyMap<string, SchemaName>>> = {
  odcs: new Map([
    ['v3.0.0', 'odcs-3.0'],
    ['v3.0.1', 'odcs-3.0'],
    ['v3.0.2', 'odcs-3.0'],
    ['v3.1.0', 'odcs-3.1'],
    ['v3.2.0', 'odcs-3.2'],
  ]),
  odps: new Map([
    ['v1.0.0', 'odps-1.0'],
    ['v1.1.0', 'odps-1.1'],
  ]),
  profile: new Map([['v1.0.0', 'profile-1.0']]),
}

const PROFILE_VERSION = 'v1.0.0'

/** Rule INT-01, one finding for each place that is wrong; none for kinds that have no schema. */
export function checkSchema(document: ProductDocument): readonly Finding[] {
  const { kind, value } = document
  switch (kind) {
    case 'odcs':
    case 'odps':
    case 'profile':
      return [...againstStandard(document, versions[kind]), ...againstConventions(document)]
    case 'waivers':
    case 'approvals':
      return against(kind, value, []).map((violation) => finding(document, violation, 'error'))
    default:
      return []
  }
}

function againstStandard(document: ProductDocument, known: ReadonlyMap<string, SchemaName>): readonly Finding[] {
  const version = document.version ?? (document.kind === 'profile' ? PROFILE_VERSION : undefined)
  const name = version === undefined ? undefined : known.get(version)
  if (name === undefined) return [finding(document, unknownVersion(version, [...known.keys()]), 'error')]
  return against(name, document.value, []).map((violation) => finding(document, violation, 'error'))
}

function unknownVersion(version: string | undefined, known: readonly string[]): Violation {
  const list = known.map((each) => `\`${each}\``).join(', ')
  const message =
    version === undefined
      ? `\`apiVersion\` is missing, so it is not known which version of the standard the document follows`
      : `\`apiVersion\` is none that is known, so the document was not compared with its standard`
  return { path: ['apiVersion'], isKey: false, message, remedy: `Take one of ${list}.` }
}

/** `at` is where in the document `value` stands. */
function against(name: SchemaName, value: Json, at: Path): readonly Violation[] {
  const validate = require(`../../../validators/${name}.cjs`) as Validator
  if (validate(value)) return []
  return violations(validate.errors ?? [], value, createKnownKeys(name), at)
}

/** In every part of a document that has custom properties, and in management ports. */
function againstConventions(document: ProductDocument): readonly Finding[] {
  const found: Finding[] = []
  const report = (name: SchemaName, value: Json, path: Path): void => {
    for (const violation of against(name, value, path)) {
      const message = violation.message.replace(nameOf([...path, 'value']).slice(0, -1), `\`${propertyOf(value)}`)
      found.push(finding(document, { ...violation, message }, 'error'))
    }
  }
  const visit = (value: Json, path: Path): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      const parent = path.at(-1)
      for (const [index, item] of (value as readonly Json[]).entries()) {
        const at = [...path, index]
        if (parent === 'customProperties' && isKnown(item)) report('custom-property', item, at)
        else if (parent === 'customProperties') found.push(...misspelt(document, item, at))
        else if (parent === 'managementPorts') report('management-port', item, at)
        visit(item, at)
      }
      return
    }
    for (const [key, child] of Object.entries(value)) {
      if (typeof child === 'object' && child !== null) visit(child as Json, [...path, key])
    }
  }
  visit(document.value, [])
  return found
}

function propertyOf(item: Json): string {
  const property =
    typeof item === 'object' && item !== null ? (item as { readonly [key: string]: Json })['property'] : undefined
  return typeof property === 'string' ? property : ''
}

function isKnown(item: Json): boolean {
  return Object.hasOwn(conventions, propertyOf(item)) && Object.hasOwn(item as object, 'value')
}

const MISSPELT_LENGTH_MIN = 5

/** A name of one's own is free; one that is nearly ours is likely a slip that no rule would notice. */
function misspelt(document: ProductDocument, item: Json, path: Path): readonly Finding[] {
  const property = propertyOf(item)
  if (property.length < MISSPELT_LENGTH_MIN || Object.hasOwn(conventions, property)) return []
  const meant = didYouMean(property, Object.keys(conventions))
  if (meant === undefined) return []
  const message = `\`${property}\` is no property that a rule looks at: did you mean \`${meant}\`?`
  return [
    finding(
      document,
      { path: [...path, 'property'], isKey: false, message, remedy: `Write \`${meant}\`, or take another name.` },
      'warning',
    ),
  ]
}

function finding(document: ProductDocument, { path, isKey, message, remedy }: Violation, severity: Severity): Finding {
  const { file, value } = document
  const { range, definition } = document.locate(path)
  return {
    rule: RULE,
    severity,
    message: message.charAt(0).toUpperCase() + message.slice(1),
    path,
    file,
    ...(isKey ? document.locateKey(path) : range),
    remedy,
    regulation: [],
    fingerprint: fingerprintOf(RULE, file, path, value),
    ...(definition === undefined ? {} : { related: [{ file, ...definition, message: 'the value itself' }] }),
  }
}
