/** Bytes of a type nobody here can look into: they pass where no rule wants to see or change a record, else they are refused. */
import { PortcullisError } from '../../domain/errors.ts'
import type { RecordSchema } from '../../domain/record-policy.ts'
import type { Format } from '../format.ts'

const opaque: RecordSchema = { accepts: () => 'path_unknown', canCompute: () => false }

export function createOctetsFormat(): Format {
  return {
    mediaTypes: ['application/octet-stream'],
    extensions: [],
    async *guard(bytes, options) {
      if (options.policyFor(opaque).kind !== 'untouched') throw new PortcullisError('format.unknown')
      for await (const chunk of bytes) {
        const renewed = options.checkpoint?.()
        if (renewed !== undefined && renewed.kind !== 'untouched') throw new PortcullisError('format.unknown')
        yield chunk
      }
    },
  }
}
