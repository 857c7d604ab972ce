/** providers.aws.sign_req: AWS Signature Version 4 over an HTTP request that is given as an object. */
import { createHash, createHmac } from 'node:crypto'
import { compareStrings, getKey, isObject, objectOf, type RegoObject, setOf, type Value } from '../value.ts'
import { bytesOfText } from '../value-bytes.ts'
import type { Builtin } from './builtin.ts'
import { goJson } from './go-json.ts'
import { goText } from './go-quote.ts'
import { formatTime } from './go-time.ts'
import { int64Of, numberOperand, objectOperand, operandError, operandTypeError } from './operands.ts'
import { utc } from './time-zones.ts'
import { escapedPath, parseUrl } from './url.ts'

export const awsBuiltins: Readonly<Record<string, Builtin>> = {
  'providers.aws.sign_req': (args) => signRequest(args),
}

const configKeys = ['aws_access_key', 'aws_region', 'aws_secret_access_key', 'aws_service'] as const
const requestKeys = ['method', 'url'] as const
/** What http.send takes. */
const requestKeysAllowed = new Set([
  ...['method', 'url', 'body', 'enable_redirect', 'force_json_decode', 'force_yaml_decode', 'headers', 'raw_body'],
  ...['tls_use_system_certs', 'tls_ca_cert', 'tls_ca_cert_file', 'tls_ca_cert_env_variable', 'tls_client_cert'],
  ...['tls_client_cert_file', 'tls_client_cert_env_variable', 'tls_client_key', 'tls_client_key_file'],
  ...['tls_client_key_env_variable', 'tls_insecure_skip_verify', 'tls_server_name', 'timeout', 'cache', 'force_cache'],
  ...['force_cache_duration_seconds', 'raise_error', 'caching_mode', 'max_retry_attempts', 'cache_ignored_headers'],
])
/** A proxy may change these, so they are not signed. */
const unsignedHeaders = new Set(['authorization', 'user-agent', 'x-amzn-trace-id'])

function signRequest(args: readonly Value[]): Value {
  const request = objectOperand(args, 1)
  const config = objectOperand(args, 2)
  requireStrings(config, configKeys, 2, 'AWS config')
  const timeNs = int64Of(numberOperand(args, 3))
  if (timeNs === undefined) {
    throw operandError(3, 'could not convert time_ns value into a unix timestamp')
  }
  const unknown = request.entries.map(([key]) => key).filter((key) => !requestKeysAllowed.has(key as string))
  if (unknown.length > 0) throw operandError(1, `invalid request parameters(s): ${goText(setOf(unknown))}`)
  requireStrings(request, requestKeys, 1, 'request')
  const given = headersOf(request)
  const signed = signatureHeaders({ request, config, given, timeNs, signsBody: signsBody(config) })
  const headers = objectOf([...given, ...Object.entries(signed)])
  return objectOf([...request.entries, ['headers', headers]])
}

function requireStrings(object: RegoObject, names: readonly string[], position: number, what: string): void {
  const missing = names.filter((name) => getKey(object, name) === undefined)
  const problem = (kind: string, keys: readonly string[]) =>
    operandError(position, `${kind} required ${what} parameters(s): ${goText(setOf(keys))}`)
  if (missing.length > 0) throw problem('missing', missing)
  const wrong = names.filter((name) => typeof getKey(object, name) !== 'string')
  if (wrong.length > 0) throw problem('invalid values for', wrong)
}

function headersOf(request: RegoObject): readonly (readonly [name: string, value: string])[] {
  const headers = getKey(request, 'headers')
  if (headers === undefined) return []
  if (!isObject(headers)) throw operandTypeError(1, headers, 'object')
  return headers.entries.map(([name, value]) => [stringOr(name), stringOr(value)])
}

function stringOr(value: Value | undefined, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise
}

function signsBody(config: RegoObject): boolean {
  const disabled = getKey(config, 'disable_payload_signing') ?? false
  if (typeof disabled !== 'boolean') {
    throw operandError(2, "invalid value for 'disable_payload_signing' in AWS config")
  }
  return !disabled
}

type Signing = {
  readonly request: RegoObject
  readonly config: RegoObject
  readonly given: readonly (readonly [name: string, value: string])[]
  readonly timeNs: bigint
  readonly signsBody: boolean
}

function signatureHeaders({ request, config, given, timeNs, signsBody }: Signing): Readonly<Record<string, string>> {
  const [service, region] = [stringOr(getKey(config, 'aws_service')), stringOr(getKey(config, 'aws_region'))]
  const url = parseUrl(stringOr(getKey(request, 'url')))
  const time = formatTime({ ns: timeNs, zone: utc }, '20060102T150405Z')
  const date = time.slice(0, 8)
  const bodyHash = signsBody ? sha256(bodyOf(request)) : 'UNSIGNED-PAYLOAD'
  const token = stringOr(getKey(config, 'aws_session_token'))
  const own: Record<string, string> = {
    host: url.host,
    'x-amz-date': time,
    ...(service === 's3' || service === 'glacier' ? { 'x-amz-content-sha256': bodyHash } : {}),
    ...(token === '' ? {} : { 'x-amz-security-token': token }),
  }
  const toSign = new Map(Object.entries(own))
  for (const [name, value] of given) {
    const lower = name.toLowerCase()
    if (!unsignedHeaders.has(lower)) toSign.set(lower, value)
  }
  const names = [...toSign.keys()].sort(compareStrings)
  const canonical = [
    stringOr(getKey(request, 'method')),
    escapedPath(url),
    url.rawQuery,
    ...names.map((name) => `${name}:${toSign.get(name)}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n')
  const scope = `${date}/${region}/${service}/aws4_request`
  const stringToSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(bytesOfText(canonical))}`
  const key = [date, region, service, 'aws4_request'].reduce<Uint8Array>(
    mac,
    bytesOfText(`AWS4${stringOr(getKey(config, 'aws_secret_access_key'))}`),
  )
  const signature = Buffer.from(mac(key, stringToSign)).toString('hex')
  const credential = `${stringOr(getKey(config, 'aws_access_key'))}/${scope}`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names.join(';')},Signature=${signature}`
  return { Authorization: authorization, ...own }
}

function bodyOf(request: RegoObject): Uint8Array {
  const raw = getKey(request, 'raw_body')
  if (raw !== undefined) return bytesOfText(stringOr(raw))
  const body = getKey(request, 'body')
  return bytesOfText(body === undefined ? '' : goJson(body))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function mac(key: Uint8Array, message: string): Uint8Array {
  return createHmac('sha256', key).update(bytesOfText(message)).digest()
}
