/** The primitives of Kafka's protocol: numbers and texts written to a request, and read from an answer. */

export type KafkaWriter = {
  readonly int8: (value: number) => KafkaWriter
  readonly int16: (value: number) => KafkaWriter
  readonly int32: (value: number) => KafkaWriter
  readonly int64: (value: number) => KafkaWriter
  /** undefined: null. */
  readonly text: (value: string | undefined) => KafkaWriter
  readonly raw: (value: Uint8Array) => KafkaWriter
  /** As flexible versions have lengths: 0 is null, else one more than the length. */
  readonly compactLength: (value: number | undefined) => KafkaWriter
  readonly compactText: (value: string) => KafkaWriter
  readonly toBytes: () => Buffer
}

export function createKafkaWriter(): KafkaWriter {
  const parts: Uint8Array[] = []
  const number = (bytes: number, write: (buffer: Buffer) => void) => {
    const buffer = Buffer.allocUnsafe(bytes)
    write(buffer)
    return raw(buffer)
  }
  const raw = (value: Uint8Array) => {
    parts.push(value)
    return writer
  }
  const writer: KafkaWriter = {
    int8: (value) => number(1, (buffer) => buffer.writeInt8(value)),
    int16: (value) => number(2, (buffer) => buffer.writeInt16BE(value)),
    int32: (value) => number(4, (buffer) => buffer.writeInt32BE(value)),
    int64: (value) => number(8, (buffer) => buffer.writeBigInt64BE(BigInt(value))),
    text(value) {
      if (value === undefined) return writer.int16(-1)
      const bytes = Buffer.from(value)
      return writer.int16(bytes.length).raw(bytes)
    },
    raw,
    compactLength: (value) => raw(unsignedVarint(value === undefined ? 0 : value + 1)),
    compactText(value) {
      const bytes = Buffer.from(value)
      return writer.compactLength(bytes.length).raw(bytes)
    },
    toBytes: () => Buffer.concat(parts),
  }
  return writer
}

function unsignedVarint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** Each method throws a RangeError where the bytes end before what is asked for. */
export type KafkaBytes = {
  readonly position: () => number
  readonly rest: () => number
  readonly int8: () => number
  readonly int16: () => number
  readonly int32: () => number
  /** Exact up to 2^53; what is beyond is refused. */
  readonly int64: () => number
  readonly bigint64: () => bigint
  readonly take: (length: number) => Buffer
  readonly text: () => string | undefined
  readonly compactText: () => string | undefined
  /** undefined: null. */
  readonly compactLength: () => number | undefined
  /** Zigzag, as in records; at most 53 bits. */
  readonly varint: () => number
  readonly skipTags: () => void
}

const varintBytesMax = 10

export function kafkaBytes(bytes: Buffer): KafkaBytes {
  let at = 0
  const step = (length: number) => {
    const from = at
    if (length < 0 || from + length > bytes.length) throw new RangeError('beyond the end')
    at += length
    return from
  }
  const take = (length: number) => {
    const from = step(length)
    return bytes.subarray(from, at)
  }
  const unsigned = () => {
    let value = 0
    let scale = 1
    for (let count = 0; count < varintBytesMax; count++) {
      const byte = bytes[step(1)]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return exact(value)
      scale *= 0x80
    }
    throw new RangeError('a number without an end')
  }
  const compactLength = () => {
    const length = unsigned()
    return length === 0 ? undefined : length - 1
  }
  return {
    position: () => at,
    rest: () => bytes.length - at,
    int8: () => bytes.readInt8(step(1)),
    int16: () => bytes.readInt16BE(step(2)),
    int32: () => bytes.readInt32BE(step(4)),
    int64: () => exact(Number(bytes.readBigInt64BE(step(8)))),
    bigint64: () => bytes.readBigInt64BE(step(8)),
    take,
    text() {
      const length = bytes.readInt16BE(step(2))
      return length < 0 ? undefined : take(length).toString()
    },
    compactText() {
      const length = compactLength()
      return length === undefined ? undefined : take(length).toString()
    },
    compactLength,
    varint() {
      const value = unsigned()
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    },
    skipTags() {
      for (let count = unsigned(); count > 0; count--) {
        unsigned()
        take(unsigned())
      }
    },
  }
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError('a number too large')
  return value
}
