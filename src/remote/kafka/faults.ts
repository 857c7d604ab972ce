/** What a broker's error code means here. */
import { PortcullisError } from '../../domain/errors.ts'
import { passingFault, type RemoteFault } from '../remote-fault.ts'

/** Of the protocol. */
export const kafkaCodes = { none: 0, offsetOutOfRange: 1, unknownTopic: 3, leaderNotAvailable: 5 } as const

/** Corrupt on the broker's disk, too large for it, of a kind it does not serve: asking again helps nobody. */
const lasting: readonly number[] = [2, 10, 33, 34, 35, 42, 43, 76]
/** Topic, group, cluster, transaction: not permitted; 54, 55 and 58: not who it claims to be. */
const forbidding: readonly number[] = [29, 30, 31, 53, 54, 58]
/** By name and by id. */
const missing: readonly number[] = [kafkaCodes.unknownTopic, 100]

export function kafkaFault(code: number): RemoteFault {
  const cause = Object.assign(new Error('answered by an error code'), { code: `KAFKA_${code}` })
  if (forbidding.includes(code)) return new PortcullisError('source.forbidden', { cause })
  if (missing.includes(code)) return new PortcullisError('source.not_found', { cause })
  if (code === kafkaCodes.offsetOutOfRange) return new PortcullisError('source.changed', { cause })
  if (lasting.includes(code)) return new PortcullisError('source.unavailable', { cause })
  return passingFault(cause)
}
