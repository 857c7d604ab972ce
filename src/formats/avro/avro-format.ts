/** Avro container files: records are walked over by a program compiled from their schema, decided, and spliced; nothing else is decoded. */

import { PortcullisError } from '../../domain/errors.ts'
import type { Format } from '../format.ts'
import { codecOf } from './codecs.ts'
import { createContainer } from './container.ts'
import { guardBlocks } from './guard-blocks.ts'
import { createKnownSchemas } from './known-schemas.ts'
import { AvroFault, faultAt } from './limits.ts'
import type { MaskValue } from './value-mask.ts'

export type AvroFormatDeps = { readonly maskValue: MaskValue }

export function createAvroFormat({ maskValue }: AvroFormatDeps): Format {
  const schemaOf = createKnownSchemas(maskValue)
  return {
    mediaTypes: ['avro/binary', 'application/avro', 'application/vnd.apache.avro'],
    extensions: ['avro'],
    async *guard(bytes, options) {
      const container = createContainer(bytes, options.signal)
      try {
        const header = await container.header()
        const codec = codecOf(header.codec)
        if (codec === undefined) throw new PortcullisError('format.unknown')
        const schema = schemaOf(header.schema)
        const policy = options.policyFor(schema.records)
        yield* guardBlocks({ schema, codec, header, container, maskValue, options }, policy)
      } catch (thrown) {
        // what was found wrong outside the blocks, as a schema too large to compile
        throw thrown instanceof AvroFault ? faultAt(thrown.kind, 0) : thrown
      } finally {
        await container.close()
      }
    },
  }
}
