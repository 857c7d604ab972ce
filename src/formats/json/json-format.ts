/** A JSON document: a list is read item by item, anything else is one record. */
import type { Format } from '../format.ts'
import { anyJson, createJsonRecord } from '../json-record/json-record.ts'
import { beyondLimit } from '../record-stream/format-errors.ts'
import { permitted } from '../record-stream/guard-records.ts'
import { recordBytesMax } from '../record-stream/limits.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { guardDocument, passDocument } from './guard-document.ts'
import { guardItems } from './guard-items.ts'
import { isSpace } from './json-items.ts'

export function createJsonFormat(deps: { readonly maskValue: MaskValue }): Format {
  return {
    mediaTypes: ['application/json'],
    extensions: ['json'],
    async *guard(bytes, options) {
      const source = bytes[Symbol.asyncIterator]()
      try {
        const policy = permitted(options.policyFor(anyJson))
        const { lead, rest, isList } = await beginning(source, options.signal)
        const reading = { chunks: following(rest, source), lead, policy, options, record: createJsonRecord(deps) }
        if (isList) yield* guardItems(reading)
        else yield* policy.kind === 'untouched' ? passDocument(reading) : guardDocument(reading)
      } finally {
        await source.return?.()
      }
    },
  }
}

type Beginning = { readonly lead: Buffer; readonly rest: Buffer; readonly isList: boolean }

async function beginning(source: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<Beginning> {
  let lead = Buffer.alloc(0)
  for (;;) {
    signal.throwIfAborted()
    const next = await source.next()
    if (next.done === true) return { lead, rest: Buffer.alloc(0), isList: false }
    const chunk = bufferOf(next.value)
    let at = 0
    while (at < chunk.length && isSpace(chunk[at]!)) at++
    const isList = chunk[at] === 0x5b
    if (isList) at++
    lead = Buffer.concat([lead, chunk.subarray(0, at)])
    if (lead.length > recordBytesMax) throw beyondLimit(0, 'white space')
    if (isList || at < chunk.length) return { lead, rest: chunk.subarray(at), isList }
  }
}

async function* following(first: Buffer, source: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield bufferOf(next.value)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
