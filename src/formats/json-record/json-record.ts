/** One JSON object as a record: scanned, asked for facts or its text, written with its masks. */
import type { Mask } from '../../domain/decision.ts'
import { isFactPath, isMaskPath } from '../../domain/json-pointer.ts'
import type { FactSelector, RecordSchema } from '../../domain/record-policy.ts'
import { createByteSink } from '../record-stream/byte-sink.ts'
import { corrupt } from '../record-stream/format-errors.ts'
import type { HeldRecord } from '../record-stream/guard-records.ts'
import type { MaskValue } from '../record-stream/mask-text.ts'
import { remembered } from '../record-stream/remembered.ts'
import { compileFact, type JsonFact } from './json-facts.ts'
import { compileMasks, type JsonMasker } from './json-masks.ts'
import { createJsonScanner } from './json-scanner.ts'
import { endOf, isText, kindOf, kinds, type Name, nameOf, nextOf, startOf } from './json-tape.ts'

export type JsonRecord = HeldRecord & {
  /** False where there is nothing but white space. @throws format.corrupt, format.limit */
  read(bytes: Buffer, start: number, end: number, offset: number): boolean
}

/** JSON has no schema: a path that a record lacks changes nothing there. */
export const anyJson: RecordSchema = {
  accepts: ({ path }) => (isMaskPath(path) ? 'ok' : 'path_unknown'),
  canCompute: ({ path }) => isFactPath(path),
}

export function createJsonRecord({ maskValue }: { readonly maskValue: MaskValue }): JsonRecord {
  const scanner = createJsonScanner()
  const { tape } = scanner
  const factsOf = new WeakMap<readonly FactSelector[], readonly JsonFact[]>()
  const maskers = new WeakMap<readonly Mask[], JsonMasker>()
  const namesOf = new WeakMap<readonly string[], readonly Name[]>()
  const projection = createByteSink(4096)
  let start = 0
  let end = 0

  function project(names: readonly Name[]): Uint8Array {
    const last = nextOf(tape, 0)
    let members = 0
    projection.reset()
    for (let name = 1; name < last; name = nextOf(tape, name + 1)) {
      if (!names.some((wanted) => isText(tape, name, wanted))) continue
      projection.text(members++ === 0 ? '{' : ',')
      projection.copy(tape.bytes, startOf(tape, name), endOf(tape, name + 1))
    }
    projection.text(members === 0 ? '{}' : '}')
    return projection.view()
  }

  return {
    read(bytes, from, to, offset) {
      start = from
      end = to
      if (!scanner.scan(bytes, from, to, offset)) return false
      if (kindOf(tape, 0) !== kinds.object) throw corrupt(offset, 'a record that is not an object')
      return true
    },
    facts: (selectors) => remembered(factsOf, selectors, () => selectors.map(compileFact)).map((fact) => fact(tape)),
    json(fields) {
      if (fields === undefined) return tape.bytes.subarray(startOf(tape, 0), endOf(tape, 0))
      return project(remembered(namesOf, fields, () => fields.map(nameOf)))
    },
    write(masks, sink) {
      if (masks.length === 0) return sink.copy(tape.bytes, start, end)
      remembered(maskers, masks, () => compileMasks(masks, maskValue))(tape, start, end, sink)
    },
  }
}
