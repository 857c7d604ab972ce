/** The command line: one file a command. */
import { Command, CommanderError } from 'commander'
import { version } from '../app/version.ts'
import { PortcullisError } from '../domain/errors.ts'

/** Exit codes: 0 done, 1 refused or findings, 2 could not be done. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  request: async () => (await import('./request.ts')).requestCommand(),
  ls: async () => (await import('./ls.ts')).lsCommand(),
  read: async () => (await import('./read.ts')).readCommand(),
  revoke: async () => (await import('./revoke.ts')).revokeCommand(),
  check: async () => (await import('./check.ts')).checkCommand(),
  rules: async () => (await import('./rules.ts')).rulesCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  bundle: async () => (await import('./bundle.ts')).bundleCommand(),
  policy: async () => (await import('./policy.ts')).policyCommand(),
  decide: async () => (await import('./decide.ts')).decideCommand(),
  explain: async () => (await import('./explain.ts')).explainCommand(),
}

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('portcullis')
    .description('Policy-as-code for data: one set of rules for the pull request and for every record.')
    .version(version)
    .showHelpAfterError()
    .exitOverride()
  // only the command that is asked for is loaded
  const asked = argv[2]
  const onlyVersion = asked === '--version' || asked === '-V'
  const names = onlyVersion
    ? []
    : asked !== undefined && Object.hasOwn(commands, asked)
      ? [asked]
      : Object.keys(commands)
  for (const name of names) {
    const command = (await commands[name]!()).copyInheritedSettings(program)
    for (const part of command.commands) part.copyInheritedSettings(command)
    program.addCommand(command)
  }
  await program.parseAsync(argv as string[])
}

/** Ours, or the system's, in one line; only a fault of this program shows where it came from. */
function describe(thrown: unknown): string {
  if (thrown instanceof PortcullisError) return `${thrown.message} (${thrown.code})`
  const { code, message } = thrown as NodeJS.ErrnoException
  if (typeof code === 'string' && thrown instanceof Error)
    return `${message.replace(new RegExp(`^${code}: `), '')} (${code})`
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // whoever reads, as `head` does, has seen enough
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

main(process.argv).catch((thrown: unknown) => {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`portcullis: ${describe(thrown)}\n`)
    // at once: what was opened before the fault must not keep the process alive
    process.exit(2)
  }
})
