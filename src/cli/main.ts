/** The command line: one file a command. */
import { runProgram } from './program.ts'
import { quickCommands } from './quick-commands.ts'

runProgram(
  {
    serve: async () => (await import('./serve.ts')).serveCommand(),
    demo: async () => (await import('./demo.ts')).demoCommand(),
    request: async () => (await import('./request.ts')).requestCommand(),
    ls: async () => (await import('./ls.ts')).lsCommand(),
    read: async () => (await import('./read.ts')).readCommand(),
    revoke: async () => (await import('./revoke.ts')).revokeCommand(),
    audit: async () => (await import('./audit.ts')).auditCommand(),
    ...quickCommands,
    bundle: async () => (await import('./bundle.ts')).bundleCommand(),
    policy: async () => (await import('./policy.ts')).policyCommand(),
    decide: async () => (await import('./decide.ts')).decideCommand(),
    explain: async () => (await import('./explain.ts')).explainCommand(),
  },
  process.argv,
)
