/** Builds nodes from the events of the YAML parser, and finds what the profile refuses. */
import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml'
import {
  duplicateKey,
  nestingDepthMax,
  type Problem,
  type SyntaxDocument,
  type SyntaxNode,
  tooDeep,
} from '../syntax.ts'
import * as complaints from './complaints.ts'
import { createExtentOf } from './extent.ts'
import {
  addTo,
  closedNode,
  entryOf,
  type Frame,
  type MappingFrame,
  merge,
  openFrame,
  type Place,
  pathOf,
} from './frame.ts'
import { endOfFlow, placeOfBlockScalar, placeOfNothing, trimmedEnd } from './places.ts'
import { scalarValue } from './scalar-value.ts'
import type { Complaint } from './syntax-reasons.ts'

export type YamlOptions = {
  /** Take `<<` as YAML 1.1 does instead of refusing it. */
  readonly mergeKeys?: boolean
}

/** References (`*name`) in one document. */
export const aliasesMax = 1_000
/** What the references of one document may add to it, in nodes. */
export const aliasedNodesMax = 100_000

type EventOf<Id extends keyof typeof EVENT_ID> = Extract<Event, { readonly type: (typeof EVENT_ID)[Id] }>
type Collection = EventOf<'SEQUENCE'> | EventOf<'MAPPING'>

/** One document while it is being read. */
type Reading = {
  readonly problems: Problem[]
  readonly frames: Frame[]
  readonly anchors: Map<string, SyntaxNode | 'open'>
  root?: SyntaxNode
  /** Something stands in it. */
  written: boolean
  aliases: number
  aliasedNodes: number
}

export type Composer = { take(event: Event): void; documents(): readonly SyntaxDocument[] }

const STANDARD_TAG = /^(?:!!|!<tag:yaml\.org,2002:)(str|int|float|bool|null|map|seq)>?$/

export function createComposer(text: string, options: YamlOptions): Composer {
  const readings: Reading[] = []
  const extentOf = createExtentOf()
  let now = newReading()
  /** Behind what has been read last. */
  let cursor = 0

  function report(complaint: Complaint, { start, end }: Place, more: Partial<Problem> = {}): void {
    now.problems.push({ severity: 'error', path: pathOf(now.frames), start, end, ...complaint, ...more })
  }

  function openDocument({ directives }: EventOf<'DOCUMENT'>): void {
    now = newReading()
    readings.push(now)
    const place = { start: cursor, end: cursor }
    for (const directive of directives) {
      if (directive.kind === 'tag') report(complaints.tagDirective, place)
      else if (directive.version !== '1.2') report(complaints.olderDirective, place, { severity: 'warning' })
    }
  }

  function takeScalar(event: EventOf<'SCALAR'>): void {
    const nothing = event.valueStart < 0
    const source = nothing ? '' : getScalarValue(text, event)
    const place = placeOf(event, nothing)
    cursor = Math.max(cursor, place.end, event.valueEnd)
    if (!nothing || event.tagStart >= 0 || event.anchorStart >= 0) now.written = true
    const tag = tagOf(event)
    const plain = event.style === SCALAR_STYLE.PLAIN
    if (!event.fast && !source.isWellFormed()) report(complaints.halfCharacter, place)
    const frame = now.frames.at(-1)
    const isKey = frame?.kind === 'mapping' && frame.key === undefined
    if (isKey && plain && source === '<<' && tag === undefined) {
      if (options.mergeKeys !== true) report(complaints.mergeKeyRefused, place)
      frame.key = { text: source, merges: true, start: place.start, end: place.end }
      return
    }
    const { value, remarks } = scalarValue(source, plain, tag)
    for (const remark of remarks) report(remark, place, isKey ? { path: [...pathOf(now.frames), source] } : {})
    if (isKey) takeKey(frame, value === null ? undefined : typeof value === 'string' ? value : source, place)
    else add({ value, start: place.start, end: place.end }, anchorOf(event))
  }

  function placeOf(event: EventOf<'SCALAR'>, nothing: boolean): Place {
    const { valueStart: start, valueEnd: end } = event
    const from = Math.max(cursor, event.anchorEnd, event.tagEnd)
    if (nothing) return placeOfNothing(text, from, now.frames.at(-1)?.kind === 'list' ? '-' : ':')
    switch (event.style) {
      case SCALAR_STYLE.PLAIN:
        return { start, end }
      case SCALAR_STYLE.SINGLE_QUOTED:
      case SCALAR_STYLE.DOUBLE_QUOTED:
        return { start: start - 1, end: end + 1 }
      default:
        return { start: placeOfBlockScalar(text, from), end: trimmedEnd(text, start, end) }
    }
  }

  function takeKey(frame: MappingFrame, key: string | undefined, place: Place): void {
    const first = key === undefined ? undefined : entryOf(frame, key)
    frame.key =
      key === undefined || first !== undefined ? null : { text: key, merges: false, start: place.start, end: place.end }
    if (key === undefined) report(complaints.keyIsMissing, place)
    else if (first !== undefined) {
      const related = { start: first.keyStart, end: first.keyEnd, message: 'the first one' }
      report(duplicateKey(key), place, { path: [...pathOf(now.frames), key], related })
    }
  }

  function tagOf(event: EventOf<'SCALAR'> | Collection): string | undefined {
    if (event.tagStart < 0) return undefined
    const tag = text.slice(event.tagStart, event.tagEnd)
    const name = tag === '!' ? tag : STANDARD_TAG.exec(tag)?.[1]
    if (name === undefined) report(complaints.unknownTag(tag), { start: event.tagStart, end: event.tagEnd })
    return name
  }

  function add(node: SyntaxNode, anchor?: string): void {
    if (anchor !== undefined) now.anchors.set(anchor, node)
    const frame = now.frames.at(-1)
    if (frame === undefined) now.root = node
    else if (frame.kind === 'mapping' && frame.key === undefined) {
      report(complaints.keyIsNoText, node)
      frame.key = null
    } else addTo(frame, node)
  }

  function openCollection(event: Collection): void {
    now.written = true
    const kind = event.type === EVENT_ID.SEQUENCE ? 'list' : 'mapping'
    const tag = tagOf(event)
    if (tag !== undefined && tag !== '!' && tag !== (kind === 'list' ? 'seq' : 'map')) {
      report(complaints.wrongTag(`a ${kind}`, tag), { start: event.tagStart, end: event.tagEnd })
    }
    const flow = event.style === COLLECTION_STYLE.FLOW
    const anchor = anchorOf(event)
    if (anchor !== undefined) now.anchors.set(anchor, 'open')
    cursor = Math.max(cursor, flow ? event.start + 1 : event.start)
    now.frames.push(openFrame(kind, event.start, flow, anchor))
  }

  function closeCollection(): void {
    const frame = now.frames.pop()
    if (frame === undefined) return
    if (frame.flow) cursor = endOfFlow(text, cursor, frame.kind === 'list' ? ']' : '}')
    if (frame.kind === 'mapping' && options.mergeKeys === true) {
      for (const node of frame.merged ?? []) if (!merge(frame, node)) report(complaints.mergesNoMapping, node)
    }
    add(closedNode(frame, frame.flow ? cursor : trimmedEnd(text, frame.start, cursor)), frame.anchor)
  }

  function takeAlias({ anchorStart, anchorEnd }: EventOf<'ALIAS'>): void {
    now.written = true
    const name = text.slice(anchorStart, anchorEnd)
    const place = { start: anchorStart - 1, end: anchorEnd }
    cursor = Math.max(cursor, place.end)
    const target = now.anchors.get(name)
    now.aliases += 1
    if (now.aliases === aliasesMax + 1) report(complaints.tooManyAliases(aliasesMax), place)
    if (target === undefined || target === 'open') {
      report(target === undefined ? complaints.unknownAnchor(name) : complaints.withinItself(name), place)
      add({ value: null, ...place })
      return
    }
    const { nodes, depth } = extentOf(target)
    const within = now.aliasedNodes <= aliasedNodesMax
    now.aliasedNodes += nodes
    if (within && now.aliasedNodes > aliasedNodesMax) report(complaints.tooMuchAliased(aliasedNodesMax), place)
    if (now.frames.length + depth > nestingDepthMax) report(tooDeep, place)
    add({ value: target.value, ...place, target: target.target ?? target })
  }

  function anchorOf(event: EventOf<'SCALAR'> | Collection): string | undefined {
    return event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd)
  }

  return {
    take(event) {
      switch (event.type) {
        case EVENT_ID.DOCUMENT:
          openDocument(event)
          break
        case EVENT_ID.SCALAR:
          takeScalar(event)
          break
        case EVENT_ID.ALIAS:
          takeAlias(event)
          break
        case EVENT_ID.POP:
          closeCollection()
          break
        default:
          openCollection(event)
      }
    },
    documents() {
      return readings.map(({ root, written, problems }) => {
        const failed = root === undefined || problems.some(({ severity }) => severity === 'error')
        return { ...(failed ? {} : { node: root }), empty: !written, problems }
      })
    },
  }
}

function newReading(): Reading {
  return { problems: [], frames: [], anchors: new Map(), written: false, aliases: 0, aliasedNodes: 0 }
}
