/** Runs the command that is asked for, and says in one line what went wrong. */
import { Command, CommanderError } from 'commander'
import { version } from '../app/version.ts'
import { PortcullisError } from '../domain/errors.ts'

/** By name, in the order in which they are listed; loaded when asked for. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>

/** Exit codes: 0 done, 1 refused or findings, 2 could not be done. */
export function runProgram(commands: Commands, argv: readonly string[]): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // whoever reads, as `head` does, has seen enough; what was found by then still counts
    if (error.code === 'EPIPE') process.exit()
    process.stderr.write(`portcullis: standard output cannot be written: ${describe(error)}\n`)
    process.exit(2)
  })
  // where nobody can be told, the exit code says it
  process.stderr.on('error', () => undefined)
  parse(commands, argv).catch((thrown: unknown) => {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2
    else {
      process.stderr.write(`portcullis: ${describe(thrown)}\n`)
      // at once: what was opened before the fault must not keep the process alive
      process.exit(2)
    }
  })
}

async function parse(commands: Commands, argv: readonly string[]): Promise<void> {
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
