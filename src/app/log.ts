/** The program's log: pino, one event an outcome, fields not sentences. No token, no record value, no third party's message about data gets in. */
import { type Logger, pino } from 'pino'
import { PortcullisError } from '../domain/errors.ts'
import type { PipelineLog } from '../pipeline/log.ts'

export function createLog(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } },
    pino.destination({ dest: 2, sync: true }),
  )
}

export function pipelineLog(log: Logger): PipelineLog {
  return {
    fault: (stage, thrown) => log.error({ stage, ...describeError(thrown) }, 'stage.fault'),
    retrying: (stage, thrown, tries) => log.warn({ stage, tries, ...describeError(thrown) }, 'stage.retrying'),
  }
}

/** Code and our own message; of others' errors only the class, the system code, and where it was thrown. */
export function describeError(thrown: unknown): Record<string, unknown> {
  if (thrown instanceof PortcullisError)
    return {
      code: thrown.code,
      message: thrown.message,
      ...(thrown.cause === undefined ? {} : { cause: describeCause(thrown.cause) }),
    }
  return { code: 'internal', cause: describeCause(thrown) }
}

function describeCause(cause: unknown): unknown {
  if (cause instanceof PortcullisError) return describeError(cause)
  if (!(cause instanceof Error)) return typeof cause
  const { code } = cause as NodeJS.ErrnoException
  // frames name our code, the message may quote data
  const frames = cause.stack
    ?.split('\n')
    .filter((line) => /^\s+at /u.test(line))
    .slice(0, 6)
    .map((line) => line.trim().replace(/\(?(?:file:\/\/)?\/.*\/((?:dist|src|node_modules)\/)/u, '($1'))
  return { name: cause.name, ...(code === undefined ? {} : { code }), frames }
}
