/** Commands that are run for one file between two keystrokes: what they need is joined into one script that is compiled beforehand. */
import type { Commands } from './program.ts'

export const quickCommands = {
  check: async () => (await import('./check.ts')).checkCommand(),
  rules: async () => (await import('./rules.ts')).rulesCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
} satisfies Commands
