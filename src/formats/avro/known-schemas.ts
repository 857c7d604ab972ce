/** What was worked out of the schemas of the files read last: many small files of one schema cost its parsing and compiling once. */
import type { Mask } from '../../domain/decision.ts'
import { createLatest } from '../../domain/latest.ts'
import type { MaskVerdict, RecordSchema } from '../../domain/record-policy.ts'
import type { Watch } from './fact-places.ts'
import { canCompute } from './facts.ts'
import { fieldsAt } from './fields.ts'
import { verdictOf } from './masks.ts'
import { compileProgram, type Program } from './program.ts'
import { type AvroType, parseSchema } from './schema.ts'
import type { MaskValue } from './value-mask.ts'

/** Schemas remembered. */
export const schemasMax = 64
/** Bytes of a schema up to which it is remembered. */
export const schemaBytesMax = 65_536
/** Programs remembered of one schema: reads differ in the facts they watch. */
export const programsMax = 8
/** Instructions of a program up to which it is remembered. */
const programLengthMax = 16_384

export type KnownSchema = {
  readonly root: AvroType
  readonly records: RecordSchema
  /** As `compileProgram`, and throws as it does. */
  program(watches: readonly Watch[]): Program
}

/** `text` is UTF-8. @throws as `parseSchema` */
export function createKnownSchemas(maskValue: MaskValue): (text: Buffer) => KnownSchema {
  /** The latest first; found by comparing bytes, which is faster than making text of them. */
  const known: { readonly text: Buffer; readonly schema: KnownSchema }[] = []
  return (text) => {
    const index = known.findIndex((each) => each.text.equals(text))
    const entry = known[index] ?? {
      text: Buffer.from(text),
      schema: knownSchema(parseSchema(text.toString('utf8')), maskValue),
    }
    if (index === 0 || text.length > schemaBytesMax) return entry.schema
    known.splice(index < 0 ? schemasMax - 1 : index, 1)
    known.unshift(entry)
    return entry.schema
  }
}

function knownSchema(root: AvroType, maskValue: MaskValue): KnownSchema {
  const verdicts = new WeakMap<Mask, MaskVerdict>()
  const programs = createLatest<Program>(programsMax)
  return {
    root,
    records: {
      accepts(mask) {
        const verdict = verdicts.get(mask) ?? verdictOf(root, mask, maskValue)
        verdicts.set(mask, verdict)
        return verdict
      },
      canCompute: (fact) => canCompute(root, fact),
      fieldsAt: (path) => fieldsAt(root, path),
    },
    program(watches) {
      const key = JSON.stringify(watches)
      const program = programs.get(key) ?? compileProgram(root, watches)
      if (program.code.length <= programLengthMax) programs.set(key, program)
      return program
    },
  }
}
