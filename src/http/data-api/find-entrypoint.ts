/** Which entrypoint a path of the Data API names, and what of its result. */
import type { DecisionPolicy } from '../../services/api.ts'

export type Found = {
  readonly policy: DecisionPolicy
  readonly entrypoint: string /** Keys into the result. */
  readonly rest: readonly string[]
}

/** undefined: no entrypoint lies on this path, which is as undefined as any rule that does not exist. */
export function createFinder(policies: readonly DecisionPolicy[]): (keys: readonly string[]) => Found | undefined {
  const known = policies.flatMap((policy) =>
    policy.entrypoints.map((entrypoint) => ({ policy, entrypoint, keys: entrypoint.split('/') })),
  )
  return (keys) => {
    const found = known.find((one) => one.keys.every((key, index) => key === keys[index]))
    return found === undefined
      ? undefined
      : { policy: found.policy, entrypoint: found.entrypoint, rest: keys.slice(found.keys.length) }
  }
}
