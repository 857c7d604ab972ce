/** What differs between two revisions of a bundle, as sentences for whoever reviews the change: rules, attachments, shared code, data. */

import { changedLines } from './changed-lines.ts'
import { compareAttachments } from './compare-attachments.ts'
import { compareData, type DataChange } from './compare-data.ts'

export type PolicyChange = {
  readonly kind: 'rule' | 'attachment' | 'code' | 'data' | 'entrypoint'
  readonly what: 'added' | 'removed' | 'changed'
  /** A rule's name, a file, a path in the data. */
  readonly subject: string
  readonly sentence: string
}

type Files = ReadonlyMap<string, Uint8Array>
type Manifest = {
  readonly metadata?: { readonly rules?: Readonly<Record<string, RuleInfo>> }
  readonly wasm?: readonly { readonly entrypoint?: string }[]
}
type RuleInfo = { readonly title?: string; readonly place?: string }

/** Ordered by kind, then by subject. Files as they lie in the bundle; nothing that is only another form of the same, such as the compiled policy, is told. */
export function compareBundles(before: Files, after: Files): readonly PolicyChange[] {
  const [oldManifest, newManifest] = [manifestOf(before), manifestOf(after)]
  const [oldData, newData] = [dataOf(before), dataOf(after)]
  const { attachments: oldAttachments, ...oldRest } = oldData
  const { attachments: newAttachments, ...newRest } = newData
  return [
    ...compareRules(before, after, oldManifest, newManifest),
    ...compareAttachments(oldAttachments, newAttachments),
    ...compareCode(before, after),
    ...compareData(oldRest, newRest).map(dataChange),
    ...compareEntrypoints(oldManifest, newManifest),
  ]
}

function compareRules(before: Files, after: Files, old: Manifest, now: Manifest): readonly PolicyChange[] {
  const [oldRules, newRules] = [rulesOf(old), rulesOf(now)]
  return namesOf(oldRules, newRules).flatMap((name): PolicyChange[] => {
    const [older, newer] = [oldRules[name], newRules[name]]
    const subject = { kind: 'rule', subject: name } as const
    if (older === undefined) return [{ ...subject, what: 'added', sentence: `Rule ${named(name, newer)} was added.` }]
    if (newer === undefined)
      return [{ ...subject, what: 'removed', sentence: `Rule ${named(name, older)} was removed.` }]
    const [oldText, newText] = [textOf(before, older), textOf(after, newer)]
    if (oldText === newText) return []
    return [
      {
        ...subject,
        what: 'changed',
        sentence: `Rule ${named(name, newer)} changed: ${changedLines(oldText, newText)}.`,
      },
    ]
  })
}

/** Modules that are no rule's own: the composition, and what rules share. */
function compareCode(before: Files, after: Files): readonly PolicyChange[] {
  const modules = (files: Files) =>
    Object.fromEntries(
      [...files]
        .filter(([path]) => path.endsWith('.rego') && !/^rules\/[^/]+\/[^/]+\//.test(path))
        .map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
    )
  const [older, newer] = [modules(before), modules(after)]
  return namesOf(older, newer).flatMap((path): PolicyChange[] => {
    const [oldText, newText] = [older[path], newer[path]]
    if (oldText === newText) return []
    const what = oldText === undefined ? 'added' : newText === undefined ? 'removed' : 'changed'
    const how = what === 'changed' ? `changed: ${changedLines(oldText!, newText!)}` : `was ${what}`
    return [{ kind: 'code', what, subject: path, sentence: `Shared code policies/${path} ${how}.` }]
  })
}

function compareEntrypoints(old: Manifest, now: Manifest): readonly PolicyChange[] {
  const entrypoints = ({ wasm = [] }: Manifest) => new Set(wasm.map(({ entrypoint = '' }) => entrypoint))
  const [older, newer] = [entrypoints(old), entrypoints(now)]
  return [...new Set([...older, ...newer])].sort().flatMap((name): PolicyChange[] => {
    if (older.has(name) === newer.has(name)) return []
    const what = newer.has(name) ? 'added' : 'removed'
    return [{ kind: 'entrypoint', what, subject: name, sentence: `Entrypoint ${name} was ${what}.` }]
  })
}

function dataChange({ path, before, after }: DataChange): PolicyChange {
  const subject = path.join('.')
  if (before === undefined)
    return { kind: 'data', what: 'added', subject, sentence: `Data ${subject} was added: ${after}.` }
  if (after === undefined)
    return { kind: 'data', what: 'removed', subject, sentence: `Data ${subject} was removed; it was ${before}.` }
  return { kind: 'data', what: 'changed', subject, sentence: `Data ${subject} changed from ${before} to ${after}.` }
}

function named(name: string, info: RuleInfo | undefined): string {
  return info?.title === undefined ? name : `${name} (${info.title})`
}

/** All modules in the rule's folder. */
function textOf(files: Files, { place = '' }: RuleInfo): string {
  const folder = place.replace(/^policies\//, '').replace(/[^/]*$/, '')
  return [...files]
    .filter(([path]) => folder !== '' && path.startsWith(folder) && path.endsWith('.rego'))
    .map(([, bytes]) => Buffer.from(bytes).toString('utf8'))
    .join('\n')
}

function namesOf(...records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap(Object.keys))].sort()
}

function rulesOf({ metadata }: Manifest): Readonly<Record<string, RuleInfo>> {
  return metadata?.rules ?? {}
}

function manifestOf(files: Files): Manifest {
  return JSON.parse(Buffer.from(files.get('.manifest') ?? Buffer.from('{}')).toString('utf8')) as Manifest
}

function dataOf(files: Files): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(files.get('data.json') ?? Buffer.from('{}')).toString('utf8')) as Record<
    string,
    unknown
  >
}
