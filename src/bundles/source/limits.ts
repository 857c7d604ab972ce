/** How large a packed bundle may be, wherever it comes from. */
import { PortcullisError } from '../../domain/errors.ts'

/** Packed, in bytes. */
export const bundleFileBytesMax = 64 * 1_048_576

export function tooLarge(): PortcullisError {
  return new PortcullisError('bundle.corrupt', {
    message: `The policy bundle was refused: it is larger than ${bundleFileBytesMax} bytes.`,
  })
}
