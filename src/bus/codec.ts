/** Envelopes and audit events to messages and back. Strict both ways: what is encoded decodes to the same, anything else is refused. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { AuditEvent } from '../domain/audit-event.ts'
import type { Envelope } from '../domain/envelope.ts'
import { PortcullisError } from '../domain/errors.ts'
import { parseToken, parseUserId, type Token } from '../domain/ids.ts'
import type { Extras } from '../domain/records.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import { auditEventSchema, bodySchemas, outcomeSchemas } from './schemas.ts'
import { type AuditTopic, headers as names, type PipelineTopic, type PipelineTopics } from './topics.ts'

/** What travels: the key says which partition, headers are bytes. */
export type Message = {
  readonly key: Buffer | null
  readonly value: Buffer
  readonly headers: Readonly<Record<string, Buffer>>
}

/** As a broker hands it out; an array is a header that came more than once. */
export type ReceivedMessage = {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>> | undefined
}

/** `undecodable` names the first thing wrong, without quoting any of it. */
export type Decoded<Item> = { readonly item: Item } | { readonly undecodable: string }

export const codecLimits = {
  /** Bytes of one message's value; with key and headers it stays below what a broker takes by default (1 MiB). */
  valueBytesMax: 900_000,
  /** Headers that ride along, and the bytes of one's value. */
  extrasMax: 16,
  extraBytesMax: 4_096,
} as const

const extraName = /^[a-z0-9-]{1,128}$/u
/** Ours, and what a later version may add. */
const reservedName = /^x-(?:request-token|outcome|stream-.*|leaf-.*)$/u
const integer = /^(?:0|[1-9][0-9]{0,14})$/u

export function encode<T extends PipelineTopic>(topic: T, envelope: Envelope<PipelineTopics[T]>): Message {
  const ours: Record<string, string> = { [names.token]: envelope.token }
  let content: unknown
  switch (envelope.kind) {
    case 'start':
      ours[names.marker] = 'START'
      break
    case 'end':
      ours[names.marker] = 'END'
      if (envelope.total !== undefined) ours[names.leafCount] = String(envelope.total)
      break
    case 'data':
      ours[names.leafIndex] = String(envelope.index)
      content = envelope.body
      break
    case 'withheld':
      ours[names.leafIndex] = String(envelope.index)
      ours[names.outcome] = envelope.kind
      content = { reasons: envelope.reasons }
      break
    case 'failed':
      ours[names.leafIndex] = String(envelope.index)
      ours[names.outcome] = envelope.kind
      content = { failure: envelope.failure }
      break
  }
  checkExtras(envelope.extras)
  return {
    key: Buffer.from(envelope.token),
    value: content === undefined ? Buffer.alloc(0) : encodeValue(content, validators[contentOf(topic, envelope.kind)]),
    headers: Object.fromEntries(
      Object.entries({ ...envelope.extras, ...ours }).map(([name, text]) => [name, Buffer.from(text)]),
    ),
  }
}

export function decode<T extends PipelineTopic>(
  topic: T,
  message: ReceivedMessage,
): Decoded<Envelope<PipelineTopics[T]>> {
  return decoded(() => {
    const { ours, extras } = splitHeaders(message)
    const { marker, outcome } = ours
    const token = tokenOf(ours.token)
    if (message.key === null || message.key.toString() !== token) refuse('the key is not the token')
    if (marker !== undefined) return { token, extras, ...decodeMarker(marker, ours, message) }
    if (ours.leafCount !== undefined) refuse(`${names.leafCount} is not on an END`)
    const index = integerOf(names.leafIndex, ours.leafIndex)
    if (outcome !== undefined && outcome !== 'withheld' && outcome !== 'failed') refuse(`${names.outcome} is unknown`)
    const kind = outcome ?? 'data'
    const value = decodeValue(message, validators[contentOf(topic, kind)])
    const content = kind === 'data' ? { body: value } : (value as object)
    return { token, extras, kind, index, ...content } as Envelope<PipelineTopics[T]>
  })
}

export function encodeAudit(event: AuditEvent): Message {
  return {
    key: event.tokenHash === undefined ? null : Buffer.from(event.tokenHash),
    value: encodeValue(event, validators.audit),
    headers: {},
  }
}

export function decodeAudit(_topic: AuditTopic, message: ReceivedMessage): Decoded<AuditEvent> {
  return decoded(() => {
    if (Object.keys(message.headers ?? {}).length > 0) refuse('has headers')
    const event = decodeValue(message, validators.audit) as AuditEvent
    if ((message.key?.toString() ?? undefined) !== event.tokenHash) refuse('the key is not the token hash')
    return event
  })
}

type OwnHeaders = { readonly [Name in keyof typeof names]?: string }
type Marker = { readonly kind: 'start' } | { readonly kind: 'end'; readonly total?: number }

function decodeMarker(marker: string, ours: OwnHeaders, message: ReceivedMessage): Marker {
  if (message.value !== null && message.value.length > 0) refuse('a marker has a value')
  if (ours.leafIndex !== undefined || ours.outcome !== undefined) refuse('a marker has an index or an outcome')
  if (marker === 'START' && ours.leafCount === undefined) return { kind: 'start' }
  if (marker !== 'END') return refuse(`${names.marker} is unknown`)
  if (ours.leafCount === undefined) return { kind: 'end' }
  return { kind: 'end', total: integerOf(names.leafCount, ours.leafCount) }
}

function splitHeaders(message: ReceivedMessage): { readonly ours: OwnHeaders; readonly extras: Extras } {
  const ours: Record<string, string> = {}
  const extras: [string, string][] = []
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const own = ownNames.get(name)
    if (Array.isArray(value)) refuse(own === undefined ? 'an extra header is repeated' : `${name} is repeated`)
    if (!Buffer.isBuffer(value)) return refuse('a header has no value')
    if (own !== undefined) ours[own] = textOf(value)
    else extras.push([name, textOf(value)])
  }
  const checked = Object.fromEntries(extras)
  const wrong = problemOfExtras(checked)
  if (wrong !== undefined) refuse(wrong)
  return { ours, extras: checked }
}

const ownNames: ReadonlyMap<string, string> = new Map(Object.entries(names).map(([own, name]) => [name, own]))

function problemOfExtras(extras: Extras): string | undefined {
  const entries = Object.entries(extras)
  if (entries.length > codecLimits.extrasMax) return `has more than ${codecLimits.extrasMax} extra headers`
  for (const [name, value] of entries) {
    if (!extraName.test(name) || reservedName.test(name)) return 'has a header of an unknown name'
    if (Buffer.byteLength(value) > codecLimits.extraBytesMax)
      return `has a header longer than ${codecLimits.extraBytesMax} bytes`
    if (!value.isWellFormed()) return 'has a header with a lone surrogate'
  }
  return undefined
}

function checkExtras(extras: Extras): void {
  const wrong = problemOfExtras(extras)
  if (wrong !== undefined) throw new PortcullisError('request.invalid', { message: `extra headers: ${wrong}` })
}

function tokenOf(text: string | undefined): Token {
  if (text === undefined) return refuse(`${names.token} is missing`)
  try {
    return parseToken(text)
  } catch {
    return refuse(`${names.token} is not a token`)
  }
}

function integerOf(name: string, text: string | undefined): number {
  if (text === undefined) return refuse(`${name} is missing`)
  if (!integer.test(text)) return refuse(`${name} is not a whole number`)
  return Number(text)
}

function encodeValue(content: unknown, validate: ValidateFunction): Buffer {
  if (!validate(content))
    throw new PortcullisError('bus.undecodable', { message: 'A message does not match the schema of its topic.' })
  let text: string
  try {
    text = JSON.stringify(content)
  } catch (cause) {
    // an integer beyond 2^53 would arrive as another number
    throw new PortcullisError('bus.undecodable', { message: 'A message holds what JSON cannot carry exactly.', cause })
  }
  const value = Buffer.from(text)
  if (value.length > codecLimits.valueBytesMax)
    throw new PortcullisError('bus.undecodable', {
      message: `A message is larger than ${codecLimits.valueBytesMax} bytes.`,
    })
  return value
}

function decodeValue(message: ReceivedMessage, validate: ValidateFunction): unknown {
  if (message.value === null || message.value.length === 0) return refuse('the value is missing')
  if (message.value.length > codecLimits.valueBytesMax)
    return refuse(`the value is larger than ${codecLimits.valueBytesMax} bytes`)
  const text = textOf(message.value)
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return refuse('the value is not JSON')
  }
  if (!validate(content)) refuse(`the value does not match its schema at ${placeOf(validate)}`)
  return content
}

/** Names in a schema are ours; keys of maps are data, so the place stops at the schema's own names. */
function placeOf(validate: ValidateFunction): string {
  return (validate.errors?.[0]?.schemaPath ?? '#').replace(/[^#/A-Za-z0-9_-]/gu, '')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return refuse('is not UTF-8')
  }
}

class Refusal extends Error {}

function refuse(reason: string): never {
  throw new Refusal(reason)
}

function decoded<Item>(decodeItem: () => Item): Decoded<Item> {
  try {
    return { item: decodeItem() }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { undecodable: thrown.message }
  }
}

type Content = PipelineTopic | 'withheld' | 'failed' | 'audit'
const contentOf = (topic: PipelineTopic, kind: Envelope<unknown>['kind']): Content =>
  kind === 'withheld' || kind === 'failed' ? kind : topic

const validators: Readonly<Record<Content, ValidateFunction>> = compileValidators()

function compileValidators(): Readonly<Record<Content, ValidateFunction>> {
  const accepts = (parse: (text: string) => unknown) => (text: string) => {
    try {
      parse(text)
      return true
    } catch {
      return false
    }
  }
  const ajv = new Ajv2020({
    strictTypes: false,
    formats: { 'user-id': accepts(parseUserId), 'resource-id': accepts(parseResourceId) },
  })
  const compile = (schema: object) => ajv.compile(schema)
  return {
    request: compile(bodySchemas.request),
    user: compile(bodySchemas.user),
    resource: compile(bodySchemas.resource),
    rule: compile(bodySchemas.rule),
    'masked-resource': compile(bodySchemas['masked-resource']),
    withheld: compile(outcomeSchemas.withheld),
    failed: compile(outcomeSchemas.failed),
    audit: compile(auditEventSchema),
  }
}
