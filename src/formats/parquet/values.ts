/** Values as they are stored, without what they mean: what keeps them exact from one file to the other. */
import { beyondLimit, corrupt } from '../record-stream/format-errors.ts'
import { readDelta, wholeBytes } from './delta.ts'
import { readHybrid } from './hybrid.ts'
import { pageBytesMax, unsupported } from './limits.ts'
import type { Leaf } from './schema.ts'

/** The value at an index is `data` from `start(index)` to `end(index)`; a boolean is a byte. */
export type Values = {
  readonly count: number
  readonly data: Buffer
  start(index: number): number
  end(index: number): number
}

export const encodings = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinaryPacked: 5,
  deltaLengthBytes: 6,
  deltaBytes: 7,
  dictionary: 8,
  byteStreamSplit: 9,
} as const

function fixedValues(data: Buffer, count: number, width: number): Values {
  return { count, data, start: (index) => index * width, end: (index) => index * width + width }
}

/** `bounds`: of the first value's start, then of each one's end, with `gap` bytes before each that are not its own. */
function boundedValues(data: Buffer, count: number, bounds: Uint32Array, gap: number): Values {
  return { count, data, start: (index) => bounds[index]! + gap, end: (index) => bounds[index + 1]! }
}

/** `offset`: of the page in the file. @throws format.corrupt, format.limit, format.unknown */
export function readValues(leaf: Leaf, encoding: number, bytes: Buffer, count: number, offset: number): Values {
  const { type, width } = leaf
  switch (encoding) {
    case encodings.plain:
      return readPlain(leaf, bytes, count, offset)
    case encodings.rle:
      if (type === 'boolean') return readFlags(bytes, count, offset)
      break
    case encodings.deltaBinaryPacked:
      if (type === 'int32' || type === 'int64')
        return fixedValues(wholeBytes(readDelta(bytes, 0, count, offset).values, width!), count, width!)
      break
    case encodings.deltaLengthBytes:
      if (type === 'bytes') return readLengths(bytes, count, offset)
      break
    case encodings.deltaBytes:
      if (type === 'bytes' || type === 'fixed') return readPrefixed(bytes, count, width, offset)
      break
    case encodings.byteStreamSplit:
      if (width !== undefined && type !== 'boolean' && type !== 'int96') return readSplit(bytes, count, width, offset)
      break
  }
  throw unsupported('an encoding of its own')
}

function readPlain({ type, width }: Leaf, bytes: Buffer, count: number, offset: number): Values {
  if (type === 'boolean') {
    if (bytes.length < Math.ceil(count / 8)) throw corrupt(offset, 'a page that is too short')
    const data = Buffer.allocUnsafeSlow(count)
    for (let index = 0; index < count; index++) data[index] = (bytes[index >>> 3]! >>> (index & 7)) & 1
    return fixedValues(data, count, 1)
  }
  if (width !== undefined) {
    if (bytes.length < count * width) throw corrupt(offset, 'a page that is too short')
    return fixedValues(bytes, count, width)
  }
  const bounds = new Uint32Array(count + 1)
  let position = 0
  for (let index = 0; index < count; index++) {
    if (position + 4 > bytes.length) throw corrupt(offset, 'a page that is too short')
    position +=
      4 +
      (bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16)) +
      bytes[position + 3]! * 2 ** 24
    if (position > bytes.length) throw corrupt(offset, 'a page that is too short')
    bounds[index + 1] = position
  }
  return boundedValues(bytes, count, bounds, 4)
}

function readFlags(bytes: Buffer, count: number, offset: number): Values {
  if (count > 0 && bytes.length < 4) throw corrupt(offset, 'a page that is too short')
  const data = Buffer.alloc(count)
  if (count > 0) {
    const end = 4 + bytes.readUInt32LE(0)
    if (end > bytes.length) throw corrupt(offset, 'a page that is too short')
    readHybrid(bytes, 4, end, 1, data, offset)
  }
  return fixedValues(data, count, 1)
}

function readLengths(bytes: Buffer, count: number, offset: number): Values {
  const { values, end } = readDelta(bytes, 0, count, offset)
  const bounds = new Uint32Array(count + 1)
  let position = end
  bounds[0] = position
  for (let index = 0; index < count; index++) {
    position += lengthAt(values, index, offset)
    if (position > bytes.length) throw corrupt(offset, 'a page that is too short')
    bounds[index + 1] = position
  }
  return boundedValues(bytes, count, bounds, 0)
}

function lengthAt(values: BigInt64Array, index: number, offset: number): number {
  const length = Number(values[index]!)
  if (length < 0 || length > pageBytesMax) throw corrupt(offset, 'a value of no valid length')
  return length
}

/** Each value repeats the beginning of the one before. */
function readPrefixed(bytes: Buffer, count: number, width: number | undefined, offset: number): Values {
  const prefixes = readDelta(bytes, 0, count, offset)
  const suffixes = readDelta(bytes, prefixes.end, count, offset)
  const bounds = new Uint32Array(count + 1)
  let total = 0
  for (let index = 0; index < count; index++) {
    const prefix = lengthAt(prefixes.values, index, offset)
    const length = prefix + lengthAt(suffixes.values, index, offset)
    const before = index === 0 ? 0 : bounds[index]! - bounds[index - 1]!
    if (prefix > before || (width !== undefined && length !== width))
      throw corrupt(offset, 'a value of no valid length')
    total += length
    if (total > pageBytesMax) throw beyondLimit(offset, 'a page that is too large')
    bounds[index + 1] = total
  }
  const data = Buffer.allocUnsafeSlow(total)
  let position = suffixes.end
  for (let index = 0; index < count; index++) {
    const prefix = Number(prefixes.values[index]!)
    const suffix = Number(suffixes.values[index]!)
    const start = bounds[index]!
    if (position + suffix > bytes.length) throw corrupt(offset, 'a page that is too short')
    if (prefix > 0) data.copyWithin(start, bounds[index - 1]!, bounds[index - 1]! + prefix)
    bytes.copy(data, start + prefix, position, position + suffix)
    position += suffix
  }
  return boundedValues(data, count, bounds, 0)
}

/** First bytes of all values, then second bytes. */
function readSplit(bytes: Buffer, count: number, width: number, offset: number): Values {
  if (bytes.length !== count * width) throw corrupt(offset, 'a page of another size than its values')
  const data = Buffer.allocUnsafeSlow(bytes.length)
  for (let at = 0; at < width; at++)
    for (let index = 0; index < count; index++) data[index * width + at] = bytes[at * count + index]!
  return fixedValues(data, count, width)
}
