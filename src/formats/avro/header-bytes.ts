/** The header of a container file with what it needs and nothing else. */
import { createWriter, writeAll, writeByte, writeLong, writeText, written } from './bytes.ts'

/** `schema` is UTF-8. */
export function headerBytes(schema: Buffer, codec: string, sync: Buffer): Buffer {
  const writer = createWriter(schema.length + 256)
  writeAll(writer, Buffer.from('Obj\u0001', 'latin1'))
  writeLong(writer, 2)
  writeText(writer, 'avro.schema')
  writeLong(writer, schema.length)
  writeAll(writer, schema)
  writeText(writer, 'avro.codec')
  writeText(writer, codec)
  writeByte(writer, 0)
  writeAll(writer, sync)
  return Buffer.from(written(writer))
}
