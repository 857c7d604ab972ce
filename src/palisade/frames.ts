/** The predecessor's websocket frames, to the letter: its Java clients reject properties they do not know, and bodies are JSON in a string. */
import { type ErrorCode, PortcullisError } from '../domain/errors.ts'
import type { Leaf } from '../domain/records.ts'

/** What a client may say. Types that only servers send are understood, and ignored. */
export type ClientFrame = 'PING' | 'CTS' | 'ignored'

const ignored: ReadonlySet<unknown> = new Set(['PONG', 'RESOURCE', 'ERROR', 'COMPLETE'])
const keys: ReadonlySet<string> = new Set(['type', 'headers', 'body'])

/** @throws PortcullisError request.invalid that names what is wrong with the frame */
export function parseClientFrame(text: string): ClientFrame {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    throw malformed('frame: is not valid JSON')
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) throw malformed('frame: must be an object')
  if (Object.keys(frame).some((key) => !keys.has(key))) throw malformed('frame: has more than type, headers and body')
  const { type, headers = null, body = null } = frame as Readonly<Record<string, unknown>>
  if (typeof headers !== 'object' || Array.isArray(headers)) throw malformed('headers: must be an object')
  if (body !== null && typeof body !== 'string') throw malformed('body: must be a string or null')
  if (type === 'PING' || type === 'CTS') return type
  if (ignored.has(type)) return 'ignored'
  throw malformed('type: is none that a client sends')
}

function malformed(message: string, code: ErrorCode = 'request.invalid'): PortcullisError {
  return new PortcullisError(code, { message })
}

export const pongFrame = (token: string) => frameOf('PONG', { 'x-request-token': token }, null)
export const completeFrame = (token: string) => frameOf('COMPLETE', { 'x-request-token': token }, null)

/** `service` is one of ours; clients know it by the predecessor's name. */
export function errorFrame(token: string, service: string, message: string): string {
  const stage = service.replace(/-service$/u, '')
  const headers = { 'service-name': serviceNames[stage] ?? `${stage}-service`, 'x-request-token': token }
  return frameOf('ERROR', headers, JSON.stringify(message))
}

export function resourceFrame(token: string, leaf: Leaf): string {
  const body = {
    '@class': 'uk.gov.gchq.palisade.resource.impl.FileResource',
    id: leaf.id,
    type: leaf.recordType,
    serialisedFormat: leaf.mediaType,
    connectionDetail: {
      '@class': 'uk.gov.gchq.palisade.resource.impl.SimpleConnectionDetail',
      serviceName: 'data-service',
    },
    attributes: leaf.attributes,
  }
  return frameOf('RESOURCE', { 'x-request-token': token }, JSON.stringify(body))
}

const serviceNames: Readonly<Record<string, string>> = {
  request: 'palisade-service',
  masking: 'attribute-masking-service',
  delivery: 'filtered-resource-service',
}

function frameOf(type: string, headers: Readonly<Record<string, string>>, body: string | null): string {
  return JSON.stringify({ type, headers, body })
}
