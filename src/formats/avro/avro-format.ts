/** Avro container files: records are walked over by a program compiled from their schema, decided, and spliced; nothing else is decoded. */

import { PortcullisError } from '../../domain/errors.ts'
import type { RecordSchema } from '../../domain/record-policy.ts'
import type { Format } from '../format.ts'
import { codecOf } from './codecs.ts'
import { createContainer } from './container.ts'
import { canCompute } from './facts.ts'
import { fieldsAt } from './fields.ts'
import { guardBlocks } from './guard-blocks.ts'
import { createKnownSchemas } from './known-schemas.ts'
import { AvroFault, faultAt } from './limits.ts'
import { verdictOf } from './masks.ts'
import type { AvroType } from './schema.ts'
import type { MaskValue } from './value-mask.ts'

export type AvroFormatDeps = { readonly maskValue: MaskValue }

export function createAvroFormat({ maskValue }: AvroFormatDeps): Format {
  const schemaOf = createKnownSchemas()
  return {
    mediaTypes: ['avro/binary', 'application/avro', 'application/vnd.apache.avro'],
    extensions: ['avro'],
    async *guard(bytes, options) {
      const container = createContainer(bytes, options.signal)
      try {
        const header = await container.header()
        const codec = codecOf(header.codec)
        if (codec === undefined) throw new PortcullisError('format.unknown')
        const root = schemaOf(header.schema)
        const policy = options.policyFor(recordSchemaOf(root, maskValue))
        yield* guardBlocks({ root, codec, header, container, maskValue, options }, policy)
      } catch (thrown) {
        // what was found wrong outside the blocks, as a schema too large to compile
        throw thrown instanceof AvroFault ? faultAt(thrown.kind, 0) : thrown
      } finally {
        await container.close()
      }
    },
  }
}

function recordSchemaOf(root: AvroType, maskValue: MaskValue): RecordSchema {
  return {
    accepts: (mask) => verdictOf(root, mask, maskValue),
    canCompute: (fact) => canCompute(root, fact),
    fieldsAt: (path) => fieldsAt(root, path),
  }
}
