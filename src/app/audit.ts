/** What `portcullis audit` needs: the log that a configuration or somebody names, and the questions that can be asked of it. */
import { findLogFiles } from '../audit/query/log-files.ts'
import { createLogReading, type LogReading } from '../audit/query/log-reading.ts'
import { readsOf } from '../audit/query/reads.ts'
import { requestsOf } from '../audit/query/requests.ts'
import { summarize } from '../audit/query/summary.ts'
import { traceOf } from '../audit/query/trace.ts'

export type { Filter } from '../audit/query/filter.ts'
export type { Damage, LogReading, Tally } from '../audit/query/log-reading.ts'
export type { RequestNotes } from '../audit/query/requests.ts'
export type { Dimension, ReadRow, RequestRow, SummaryRow } from '../audit/query/row-schemas.ts'
export type { Summary } from '../audit/query/summary.ts'
export type { Trace } from '../audit/query/trace.ts'
export { readsOf, requestsOf, summarize, traceOf }

/** `places`: files, folders, `-` for `stdin`; none: the folder of the configuration. @throws config.invalid, and what the system says */
export async function openAuditLog(
  places: readonly string[],
  config: { readonly file: string; readonly environment: NodeJS.ProcessEnv },
  stdin: NodeJS.ReadableStream,
): Promise<LogReading> {
  return createLogReading(await findLogFiles(places.length > 0 ? places : [await folderOf(config)]), { stdin })
}

async function folderOf({ file, environment }: { readonly file: string; readonly environment: NodeJS.ProcessEnv }) {
  // a configuration may need secrets that an auditor doesn't have: with files named it is not looked at
  const { readConfig } = await import('./config.ts')
  return (await readConfig(file, environment)).audit.folder
}
