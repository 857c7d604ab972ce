/** What a built-in answers in a plan that is followed, as far as that is known. */
import { type Abstract, isKnown, kindOf, perhaps, type State, type Unknown } from './abstract.ts'
import type { Collections } from './collections.ts'
import { natives } from './natives.ts'
import type { MoreBuiltins } from './observer.ts'

export function createBuiltinCall(
  { use }: Collections,
  more: MoreBuiltins = () => perhaps,
): (state: State, name: string, args: readonly Abstract[]) => Abstract {
  return (state, name, args) => {
    if (args.some((arg) => arg === undefined)) return undefined
    if (args.every(isKnown)) {
      const answer = (natives.get(name) ?? (() => perhaps))(args)
      return answer === perhaps ? more(name, args) : answer
    }
    for (const arg of args) use(state, arg)
    const type = /^is_(array|object|set|string|number|boolean|null)$/.exec(name)?.[1]
    const [first] = args
    const known = kindOf(first) === 'unknown' ? (first as Unknown).type : undefined
    return type !== undefined && known !== undefined ? known === type : perhaps
  }
}
