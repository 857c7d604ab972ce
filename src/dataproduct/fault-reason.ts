/** Why something could not be checked, in words for who runs the check: they own both the rules and the documents. */

/** The engine's own messages speak of access. */
const engineFaults: Readonly<Record<string, string>> = {
  'policy.failed': 'a rule failed',
  'policy.limit': 'the rules need more time, memory or depth than they may have',
  'builtin.failed': 'a built-in of a rule failed',
  'policy.input_invalid': 'it is no valid input for rules',
}

/** Without a full stop. Where OPA names the place of a rule, so does this. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown fault'
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && Object.hasOwn(engineFaults, code)) return `${engineFaults[code]}${placeIn(error.cause)}`
  if (error.name === 'PortcullisError') return error.message.replace(/\.$/u, '')
  return typeof code === 'string' ? code : `${error.name}: ${error.message}`
}

function placeIn(cause: unknown): string {
  const said = cause instanceof Error ? /^(\S+\.rego:\d+)(?::\d+)?: (.+)$/mu.exec(cause.message) : null
  return said === null ? '' : ` at ${said[1]}: ${said[2]}`
}
