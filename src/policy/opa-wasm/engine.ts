/** The policy engine: an access bundle behind the port. WASM decides; what makes it fast is in the layers below, each of which can be switched off. */
import type { Decision } from '../../domain/decision.ts'
import { PortcullisError, toPortcullisError } from '../../domain/errors.ts'
import type { LeafQuery, PolicyEngine } from '../policy-engine.ts'
import { type AccessBundle, readAccessBundle } from './access-bundle.ts'
import { leafMembers, userInput } from './access-input.ts'
import type { BuiltinContext, Builtins } from './builtins/builtin.ts'
import { nondeterministicBuiltins } from './builtins/nondeterministic.ts'
import { suppliedBuiltins } from './builtins/supplied.ts'
import { checkEntrypoints } from './bundle.ts'
import { answerOf, type MaskRules } from './decision-text.ts'
import { createDependences, type Dependences } from './dependence.ts'
import { createInstance, type InstanceLimits, type WasmInstance } from './instance.ts'
import { printJson } from './json-text.ts'
import { createMergedAnswers, type MergedAnswers } from './merged-answers.ts'
import { prepareRecords } from './prepare.ts'

export type AccessEngineOptions = {
  /** Path or bytes of `access.tar.gz`. */
  readonly bundle: string | Uint8Array
  readonly masks: MaskRules
  /** Default: OPA's, without what answers differently from one evaluation to the next. */
  readonly builtins?: Builtins
  readonly limits?: Partial<InstanceLimits>
  readonly context?: () => BuiltinContext
  /** false: the plain path alone, one whole evaluation a record. */
  readonly fast?: boolean
  /** Share of reads, 0 (default) to 1, of which each record is decided twice, fast and plainly; a difference ends the read. */
  readonly checkedShare?: number
  /** Called for each difference. */
  readonly onDifference?: () => void
  /** A number from 0 up to 1, to choose the reads that are checked. */
  readonly random?: () => number
}

/** What all decisions of one engine share. */
export type Engine = {
  readonly access: AccessBundle
  readonly instance: WasmInstance
  readonly answers: MergedAnswers
  readonly fast: boolean
  /** Undefined where the bundle has no plan that can be followed. */
  readonly dependences: Dependences | undefined
  isChecked(): boolean
  onDifference(): void
}

/** @throws bundle.missing, bundle.corrupt, bundle.refused, builtin.missing */
export function loadAccessEngine(options: AccessEngineOptions): PolicyEngine {
  const access = readAccessBundle(options.bundle)
  const instance = instanceOf(access, options)
  const { fast = true, checkedShare = 0, random = Math.random } = options
  const engine: Engine = {
    access,
    instance,
    answers: createMergedAnswers(access.rules, options.masks),
    fast,
    dependences: fast ? createDependences({ ...access.bundle, builtins: instance.builtinNames }) : undefined,
    isChecked: () => checkedShare > 0 && random() < checkedShare,
    onDifference: options.onDifference ?? (() => undefined),
  }
  const { revision, rules, contracts } = access
  const described = (query: LeafQuery): LeafQuery => ({ ...query, leaf: contracts.describe(query.leaf) })

  function decide(entrypoint: string, input: () => string): Decision {
    try {
      const { allow, reasons } = answerOf(engine.instance.evaluate(entrypoint, input()), rules)
      if (allow) return { effect: 'permit', ...(reasons.length === 0 ? {} : { reasons }), revision }
      return { effect: 'deny', reasons: reasons.length === 0 ? [{ code: 'policy.denied' }] : reasons, revision }
    } catch (error) {
      return { effect: 'deny', reasons: [{ code: toPortcullisError(error, 'policy.failed').code }], revision }
    }
  }

  return {
    revision,
    fast: engine.dependences !== undefined,
    decideUser: (query) => decide('access/user', () => userInput(query)),
    decideResource: (query) =>
      decide('access/resource', () => `{${leafMembers(described(query))},"now":${printJson(query.now)}}`),
    prepare(query, schema) {
      const difference = contracts.difference(query.leaf, schema)
      if (difference !== undefined) return { kind: 'deny', reasons: [{ code: 'contract.mismatch', title: difference }] }
      return prepareRecords(engine, described(query), schema)
    },
    // WASM and what was remembered go when nothing refers to them any more
    [Symbol.dispose]() {},
  }
}

export function instanceOf({ bundle }: AccessBundle, options: AccessEngineOptions): WasmInstance {
  const builtins = options.builtins ?? suppliedBuiltins({ withhold: nondeterministicBuiltins })
  const instance = createInstance({
    wasm: bundle.module,
    data: bundle.data,
    builtins,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.context === undefined ? {} : { context: options.context }),
  })
  checkEntrypoints(bundle.entrypoints, instance.entrypoints)
  const missing = instance.builtinNames.filter((name) => !builtins.has(name))
  if (missing.length > 0)
    throw new PortcullisError('builtin.missing', {
      message: `The policies call built-ins that this engine does not have, or withholds from access rules: ${missing.join(', ')}.`,
    })
  return instance
}
