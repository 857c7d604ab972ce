/** Says which limit an evaluation has met. */
import { PortcullisError } from '../../domain/errors.ts'

const sentences = {
  timeMsMax: (ms: number) => `An evaluation of the policy took longer than the ${ms} ms that it may take`,
  memoryPagesMax: (pages: number) => `The policy needed more memory than the ${pages} pages of 64 KiB that it may have`,
  inputBytesMax: (bytes: number) => `The input of the policy is longer than the ${bytes} bytes that it may have`,
  resultBytesMax: (bytes: number) => `The answer of the policy is longer than the ${bytes} bytes that it may have`,
} as const

/** policy.limit */
export function limitError(limit: keyof typeof sentences, value: number, cause?: unknown): PortcullisError {
  const message = `${sentences[limit](value)}, so it is denied.`
  return new PortcullisError('policy.limit', { message, ...(cause === undefined ? {} : { cause }) })
}

/** policy.limit, where the stack is full. */
export function depthError(cause: unknown): PortcullisError {
  const message =
    'The policy, or what it is asked about, is nested deeper than the stack has room for, so it is denied.'
  return new PortcullisError('policy.limit', { message, cause })
}
