/** One line as a record. */
import { isUtf8 } from 'node:buffer'
import { PortcullisError } from '../../domain/errors.ts'
import { evaluateFact } from '../../domain/facts.ts'
import { isFactPath } from '../../domain/json-pointer.ts'
import type { RecordSchema } from '../../domain/record-policy.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import type { LineRecord } from '../record-stream/guard-lines.ts'
import { isTextMask, type MaskValue, maskText } from '../record-stream/mask-text.ts'

export const textSchema: RecordSchema = {
  accepts(mask) {
    if (mask.path !== '/line') return 'path_unknown'
    const text = mask.action === 'constant' ? mask.value : mask.action === 'partial' ? mask.fill : ''
    // one line stays one line
    if (typeof text === 'string' && /[\r\n]/.test(text)) return 'not_expressible'
    return isTextMask(mask)
  },
  canCompute: ({ path }) => isFactPath(path),
}

export function createTextRecord({ maskValue }: { readonly maskValue: MaskValue }): LineRecord {
  let bytes: Buffer = Buffer.alloc(0)
  let start = 0
  /** Of the line, of the line with its ending. */
  let end = 0
  let whole = 0
  const line = () => bytes.toString('utf8', start, end)

  return {
    read(source, from, to, offset) {
      bytes = source
      start = from
      whole = to
      end = to
      if (end > start && bytes[end - 1] === 0x0a) end--
      if (end < to && end > start && bytes[end - 1] === 0x0d) end--
      if (!isUtf8(bytes.subarray(start, whole))) throw corrupt(offset, 'a line that is not UTF-8')
      return true
    },
    facts(selectors) {
      const record = { line: line() }
      return selectors.map((selector) => evaluateFact(selector, record))
    },
    json: () => Buffer.from(JSON.stringify({ line: line() })),
    write(masks, sink) {
      const [mask] = masks
      if (mask === undefined) return sink.copy(bytes, start, whole)
      if (masks.length > 1 || mask.path !== '/line') throw new PortcullisError('mask.path_unknown')
      sink.text(maskText(mask, line(), maskValue))
      sink.copy(bytes, end, whole)
    },
  }
}
