/** json.patch, json.marshal_with_options, json.match_schema and json.verify_schema. */
import type { Value } from '../value.ts'
import type { Builtin } from './builtin.ts'
import { goJson, type Indent } from './go-json.ts'
import { patchJson } from './json-patch.ts'
import { matchSchema, verifySchema } from './json-schema.ts'
import { arrayOperand, objectOperand, operand, operandError } from './operands.ts'

export const jsonBuiltins: Readonly<Record<string, Builtin>> = {
  'json.patch': (args) => patchJson(operand(args, 1), arrayOperand(args, 2)),
  'json.marshal_with_options': (args) => marshal(operand(args, 1), layoutOperand(args, 2)),
  'json.match_schema': (args) => matchSchema(operand(args, 1), operand(args, 2)),
  'json.verify_schema': (args) => verifySchema(operand(args, 1)),
}

function marshal(value: Value, layout: Indent | undefined): string {
  const text = goJson(value, layout)
  return layout === undefined ? text : layout.prefix + text
}

/** Undefined: on one line. */
function layoutOperand(args: readonly Value[], position: number): Indent | undefined {
  const options = objectOperand(args, position)
  let pretty: boolean | undefined
  let prefix = ''
  let indent = '\t'
  for (const [key, value] of options.entries) {
    if (key === 'pretty') {
      if (typeof value !== 'boolean') throw operandError(position, `key ${key} failed cast to bool`)
      pretty = value
    } else if (key === 'prefix' || key === 'indent') {
      if (typeof value !== 'string') throw operandError(position, `key ${key} failed cast to string`)
      if (key === 'prefix') prefix = value
      else indent = value
    } else throw operandError(position, `object contained unknown key ${String(key)}`)
  }
  const implied = options.entries.length > 0
  return (pretty ?? implied) ? { prefix, indent } : undefined
}
