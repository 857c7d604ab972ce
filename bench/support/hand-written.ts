/** What the rules of two cases say, by other means: as a function in TypeScript, and in Cedar. */
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'

type Node = { readonly uid?: unknown; readonly managers?: readonly Node[] | null }
export type Employee = Readonly<Record<string, unknown>>

export type Rules = 'two fields' | 'manager tree'

/** Whether `user` sees the record; purposes and masks are the same for every record and left out. */
export function handWritten(rules: Rules, user: string): (record: Employee) => boolean {
  if (rules === 'two fields') return (record) => record.grade !== 'SCS' || record.uid === user
  return (record) => record.uid === user || manages(record.manager as readonly Node[] | null | undefined, user)
}

function manages(nodes: readonly Node[] | null | undefined, user: string): boolean {
  if (!nodes) return false
  for (const node of nodes) if (node.uid === user || manages(node.managers, user)) return true
  return false
}

const policies = {
  'two fields': 'permit(principal, action, resource) when { context.grade != "SCS" || context.uid == context.user };',
  'manager tree':
    'permit(principal, action, resource) when { context.uid == context.user || context.managers.contains(context.user) };',
} as const satisfies Record<Rules, string>

/** Cedar has no recursion: the tree's ids are handed over as a set. They and the context are made beforehand, and the policy is parsed once. */
export function cedar(rules: Rules, user: string, records: readonly Employee[]): (index: number) => boolean {
  const name = rules.replace(' ', '-')
  const { type } = preparsePolicySet(name, { staticPolicies: policies[rules] })
  if (type !== 'success') throw new Error(`Cedar refuses the policy of ${rules}`)
  const calls = records.map((record) => ({
    principal: { type: 'User', id: user },
    action: { type: 'Action', id: 'read' },
    resource: { type: 'Record', id: String(record.uid) },
    context: {
      user,
      uid: String(record.uid),
      ...(rules === 'two fields' ? { grade: String(record.grade) } : { managers: idsOf(record.manager) }),
    },
    preparsedPolicySetId: name,
    entities: [],
  }))
  return (index) => {
    const answer = statefulIsAuthorized(calls[index]!)
    return answer.type === 'success' && answer.response.decision === 'allow'
  }
}

function idsOf(manager: unknown): string[] {
  const nodes = (manager ?? []) as readonly Node[]
  return nodes.flatMap((node) => [String(node.uid), ...idsOf(node.managers)])
}
