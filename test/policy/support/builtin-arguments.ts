/** Arguments for built-ins, made so that a good part of them means something: for comparing our answers with OPA's. */
import type { Arguments } from './arguments/base.ts'
import { cryptoArguments } from './arguments/crypto.ts'
import { graphqlArguments } from './arguments/graphql.ts'
import { jsonArguments } from './arguments/json.ts'
import { netArguments } from './arguments/net.ts'
import { textArguments } from './arguments/text.ts'
import { timeArguments } from './arguments/time.ts'

export const generators: Readonly<Record<string, Arguments>> = {
  ...cryptoArguments,
  ...graphqlArguments,
  ...jsonArguments,
  ...netArguments,
  ...textArguments,
  ...timeArguments,
}
