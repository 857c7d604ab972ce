/** hex.*, base64url.encode_no_pad, urlquery.*, uri.*. */
import { isArray, isObject, isSet, objectOf, type RegoObject, record, type Value } from '../value.ts'
import { bytesOfText, textOfBytes } from '../value-bytes.ts'
import { type Builtin, BuiltinError } from './builtin.ts'
import { operand, operandError, operandTypeError, stringOperand } from './operands.ts'
import { escapeUrl, parseUrl, splitHostPort, unescapeUrl } from './url.ts'

export const encodingBuiltins: Readonly<Record<string, Builtin>> = {
  'hex.encode': (args) => Buffer.from(bytesOfText(stringOperand(args, 1))).toString('hex'),
  'hex.decode': (args) => decodeHex(stringOperand(args, 1)),
  'base64url.encode_no_pad': (args) => Buffer.from(bytesOfText(stringOperand(args, 1))).toString('base64url'),
  'urlquery.encode': (args) => escapeUrl(stringOperand(args, 1), 'query'),
  'urlquery.decode': (args) => unescapeUrl(stringOperand(args, 1), 'query'),
  'urlquery.encode_object': (args) => encodeQuery(queryOperand(args)),
  'urlquery.decode_object': (args) => decodeQuery(stringOperand(args, 1)),
  'uri.parse': (args) => uriParts(stringOperand(args, 1)),
  'uri.is_valid': (args) => isValidUri(operand(args, 1)),
}

function decodeHex(text: string): string {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new BuiltinError('encoding/hex: invalid byte')
  return textOfBytes(Buffer.from(text, 'hex'))
}

function queryOperand(args: readonly Value[]): RegoObject {
  const value = operand(args, 1)
  if (!isObject(value)) throw operandTypeError(1, value, 'object')
  return value
}

function encodeQuery(query: RegoObject): string {
  const pairs: string[] = []
  for (const [key, value] of query.entries) {
    if (typeof key !== 'string') throw operandError(1, 'keys must be strings')
    const values = isArray(value) ? value : isSet(value) ? value.items : [value]
    for (const item of values) {
      if (typeof item !== 'string') throw operandError(1, 'values must be string, array[string], or set[string]')
      pairs.push(`${escapeUrl(key, 'query')}=${escapeUrl(item, 'query')}`)
    }
  }
  return pairs.join('&')
}

/** Go's limit on the parameters of one query. */
const parametersMax = 10_000

function decodeQuery(query: string): Value {
  const values = new Map<string, string[]>()
  const parameters = query.split('&')
  if (parameters.length > parametersMax) throw new BuiltinError('number of URL query parameters exceeded limit')
  for (const parameter of parameters) {
    if (parameter === '') continue
    if (parameter.includes(';')) throw new BuiltinError('invalid semicolon separator in query')
    const equals = parameter.indexOf('=')
    const key = unescapeUrl(equals < 0 ? parameter : parameter.slice(0, equals), 'query')
    const value = equals < 0 ? '' : unescapeUrl(parameter.slice(equals + 1), 'query')
    const known = values.get(key)
    if (known === undefined) values.set(key, [value])
    else known.push(value)
  }
  return objectOf([...values])
}

function uriParts(text: string): Value {
  const url = parseUrl(text)
  const { host, port } = splitHostPort(url.host)
  const some = (part: string) => (part === '' ? undefined : part)
  return record({
    scheme: some(url.scheme),
    hostname: some(host),
    port: some(port),
    path: some(url.path),
    raw_path: url.path === '' ? undefined : url.rawPath || url.path,
    raw_query: some(url.rawQuery),
    fragment: some(url.fragment),
  })
}

function isValidUri(value: Value): boolean {
  if (typeof value !== 'string' || value === '') return false
  try {
    parseUrl(value)
    return true
  } catch (error) {
    if (error instanceof BuiltinError) return false
    throw error
  }
}
