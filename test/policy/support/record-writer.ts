/** A core of the HR policies whose memory records are written into, as an evaluation does. */
import { readFileSync } from 'node:fs'
import type { FactSelector, FactValue } from '../../../src/domain/record-policy.ts'
import { suppliedBuiltins } from '../../../src/policy/opa-wasm/builtins/supplied.ts'
import { compile } from '../../../src/policy/opa-wasm/bundle.ts'
import { type Core, createCore, parse } from '../../../src/policy/opa-wasm/core.ts'
import { createFactSteps } from '../../../src/policy/opa-wasm/fact-steps.ts'
import { factsOfRecord } from '../../../src/policy/opa-wasm/facts.ts'
import { readTarGz } from '../../../src/policy/opa-wasm/tar.ts'
import { lieAlike } from '../../../src/policy/opa-wasm/value-layout.ts'
import { accessBundleFile } from './hr.ts'

export function hrCore(memoryPagesMax = 1_024): Core {
  const module = compile(readTarGz(readFileSync(accessBundleFile)).get('policy.wasm'))
  return createCore({ module, data: '{}', builtins: suppliedBuiltins({}), memoryPagesMax, timeMsMax: 10_000 })
}

export type Written = 'left to the parser' | 'as parsed' | 'otherwise'

/** Whether a text is written as OPA's parser would have left it. */
export function written(core: Core, json: Uint8Array): Written {
  const writer = core.recordWriter()!
  core.abi.opa_heap_ptr_set(core.dataMark)
  const address = writer.write(json, undefined)
  if (address === undefined) return 'left to the parser'
  const parsed = parse(core.abi, core.text, json)
  return lieAlike(core.text.bytes(), parsed, address) ? 'as parsed' : 'otherwise'
}

/** As an evaluation finds them: on the way through the record, where that is possible. */
export function createFactsOf(core: Core, facts: readonly FactSelector[]): (json: Uint8Array) => readonly FactValue[] {
  const steps = createFactSteps(facts)
  return (json) => {
    core.abi.opa_heap_ptr_set(core.dataMark)
    const address = steps === undefined ? undefined : core.recordWriter()!.write(json, steps)
    return address === undefined ? factsOfRecord(facts, json) : steps!.values()
  }
}
