/** The command line of the quick commands alone, which `bin/portcullis` starts for them. */
import { runProgram } from './program.ts'
import { quickCommands } from './quick-commands.ts'

runProgram(quickCommands, process.argv)
