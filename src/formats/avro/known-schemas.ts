/** Parsed schemas of the files read last: many small files of one schema cost its parsing once. */
import { createLatest } from '../../domain/latest.ts'
import { type AvroType, parseSchema } from './schema.ts'

/** Schemas remembered. */
export const schemasMax = 64
/** Characters of a schema up to which it is remembered. */
export const schemaLengthMax = 65_536

/** As `parseSchema`, and throws as it does. */
export function createKnownSchemas(): (text: string) => AvroType {
  const known = createLatest<AvroType>(schemasMax)
  return (text) => {
    let root = known.get(text)
    if (root !== undefined) return root
    root = parseSchema(text)
    if (text.length <= schemaLengthMax) known.set(text, root)
    return root
  }
}
