/** A JSON document: a list is read item by item, anything else is one record. */
import type { Format, GuardOptions } from '../format.ts'
import { anyJson, createJsonRecord } from '../json-record/json-record.ts'
import { beyondLimit } from '../record-stream/format-errors.ts'
import { permitted } from '../record-stream/guard-records.ts'
import { type Chunks, guardSource, startingWith } from '../record-stream/guard-source.ts'
import { recordBytesMax } from '../record-stream/limits.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { guardDocument, passDocument } from './guard-document.ts'
import { guardItems } from './guard-items.ts'
import { isSpace } from './json-items.ts'

type Deps = { readonly maskValue: MaskValue }

export function createJsonFormat(deps: Deps): Format {
  return {
    mediaTypes: ['application/json'],
    extensions: ['json'],
    guard: (bytes, options) => guardSource(bytes, options.signal, (chunks) => guardJson(chunks, options, deps)),
  }
}

async function* guardJson(chunks: Chunks, options: GuardOptions, deps: Deps): AsyncGenerator<Uint8Array> {
  const policy = permitted(options.policyFor(anyJson))
  const { lead, rest, isList } = await beginning(chunks)
  const reading = { chunks: startingWith(rest, chunks), lead, policy, options, record: createJsonRecord(deps) }
  if (isList) yield* guardItems(reading)
  else yield* policy.kind === 'untouched' ? passDocument(reading) : guardDocument(reading)
}

type Beginning = { readonly lead: Buffer; readonly rest: Buffer; readonly isList: boolean }

async function beginning(chunks: Chunks): Promise<Beginning> {
  let lead = Buffer.alloc(0)
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = next.value
    let at = 0
    while (at < chunk.length && isSpace(chunk[at]!)) at++
    const isList = chunk[at] === 0x5b
    if (isList) at++
    lead = Buffer.concat([lead, chunk.subarray(0, at)])
    if (lead.length > recordBytesMax) throw beyondLimit(0, 'white space')
    if (isList || at < chunk.length) return { lead, rest: chunk.subarray(at), isList }
  }
  return { lead, rest: Buffer.alloc(0), isList: false }
}
