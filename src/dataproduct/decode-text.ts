/** Bytes of a file as text, or what is wrong with them. */
import { isUtf8 } from 'node:buffer'
import type { Problem } from './syntax.ts'

export const fileSizeMaxBytes = 10 * 1024 * 1024

const BINARY_SAMPLE_BYTES = 8_192
const REPLACEMENT = '\ufffd'
const BYTE_ORDER_MARK = '\ufeff'

/** `text` is what the problem's place counts in; without a byte order mark. */
export type Decoded = { readonly text: string; readonly problem?: Problem }

export function decodeText(content: string | Uint8Array): Decoded {
  const size = typeof content === 'string' ? Buffer.byteLength(content) : content.length
  if (size > fileSizeMaxBytes) {
    const [megabytes, limit] = [size, fileSizeMaxBytes].map((bytes) => (bytes / 1024 / 1024).toFixed(1))
    return failed(
      '',
      `the file has ${megabytes} MiB, more than the ${limit} MiB that are read`,
      'Split it into several files.',
    )
  }
  if (typeof content === 'string') return { text: withoutMark(content) }
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return failed('', 'the file is UTF-16', 'Save it as UTF-8.')
  }
  if (bytes.subarray(0, BINARY_SAMPLE_BYTES).includes(0)) {
    return failed('', 'the file is binary, not text', 'Name a YAML or JSON file.')
  }
  const text = withoutMark(bytes.toString('utf8'))
  if (isUtf8(bytes)) return { text }
  const start = firstInvalid(bytes, text)
  return failed(text, 'the file is not UTF-8 here', 'Save it as UTF-8.', start)
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

function failed(text: string, message: string, remedy: string, start = 0): Decoded {
  return {
    text,
    problem: { severity: 'error', message, remedy, path: [], start, end: Math.min(start + 1, text.length) },
  }
}

/** The first replacement character that does not itself stand in the file. */
function firstInvalid(bytes: Buffer, text: string): number {
  let at = text.indexOf(REPLACEMENT)
  while (at >= 0) {
    const offset =
      Buffer.byteLength(text.slice(0, at)) +
      (bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)
    if (bytes.subarray(offset, offset + 3).toString('latin1') !== '\xef\xbf\xbd') return at
    at = text.indexOf(REPLACEMENT, at + 1)
  }
  return 0
}
