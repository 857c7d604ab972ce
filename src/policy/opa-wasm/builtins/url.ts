/** URLs as Go's net/url reads and writes them, byte for byte. */
import { bytesOfText, textOfBytes } from '../value-bytes.ts'
import { BuiltinError } from './builtin.ts'
import { isIpv4, parseIp } from './ip.ts'

export type Url = {
  readonly scheme: string
  readonly opaque: string
  readonly host: string
  readonly path: string
  /** As it was written, where that isn't the usual way to write `path`. */
  readonly rawPath: string
  readonly rawQuery: string
  readonly fragment: string
}

export type UrlPart = 'path' | 'host' | 'zone' | 'user' | 'query' | 'fragment'

const unreserved = 'A-Za-z0-9\\-_.~'
const unescaped: Readonly<Record<UrlPart, RegExp>> = {
  path: new RegExp(`[${unreserved}$&+,/:;=@]`),
  host: new RegExp(`[${unreserved}!$&'()*+,;=:[\\]<>"]`),
  zone: new RegExp(`[${unreserved}!$&'()*+,;=:[\\]<>"]`),
  user: new RegExp(`[${unreserved}$&+,;=]`),
  query: new RegExp(`[${unreserved}]`),
  fragment: new RegExp(`[${unreserved}$&+,/:;=?@!()*]`),
}

export function escapeUrl(text: string, part: UrlPart): string {
  return fromBinary(escapeBinary(toBinary(text), part))
}

export function unescapeUrl(text: string, part: UrlPart): string {
  return fromBinary(unescapeBinary(toBinary(text), part))
}

/** @throws BuiltinError where Go refuses it */
export function parseUrl(text: string): Url {
  const [whole, fragment] = cut(toBinary(text), '#')
  const url = parseWithoutFragment(whole)
  return {
    scheme: fromBinary(url.scheme),
    opaque: fromBinary(url.opaque),
    host: fromBinary(url.host),
    path: fromBinary(url.path),
    rawPath: fromBinary(url.rawPath),
    rawQuery: fromBinary(url.rawQuery),
    fragment: fromBinary(unescapeBinary(fragment, 'fragment')),
  }
}

/** The path as it goes over the wire: as it was written, unless that has characters that must be escaped. */
export function escapedPath({ path, rawPath }: Url): string {
  if (/^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]+$/.test(rawPath)) return rawPath
  return path === '*' ? path : escapeUrl(path, 'path')
}

/** Host and port apart, the host without brackets. */
export function splitHostPort(hostPort: string): { readonly host: string; readonly port: string } {
  const parts = /^(.*?)(?::([0-9]*))?$/s.exec(hostPort)!
  const host = parts[1]!
  const bracketed = host.startsWith('[') && host.endsWith(']')
  return { host: bracketed ? host.slice(1, -1) : host, port: parts[2] ?? '' }
}

/** One character a byte: what Go's strings are. */
function toBinary(text: string): string {
  return Buffer.from(bytesOfText(text)).toString('latin1')
}

function fromBinary(binary: string): string {
  return textOfBytes(Buffer.from(binary, 'latin1'))
}

function parseWithoutFragment(raw: string): Omit<Url, 'fragment'> {
  if (/[\x00-\x1f\x7f]/.test(raw)) throw new BuiltinError('net/url: invalid control character in URL')
  const empty = { scheme: '', opaque: '', host: '', path: '', rawPath: '', rawQuery: '' }
  if (raw === '*') return { ...empty, path: '*' }
  const { scheme, rest: afterScheme } = splitScheme(raw)
  const [beforeQuery, rawQuery] = cut(afterScheme, '?')
  let rest = beforeQuery
  let host = ''
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...empty, scheme, opaque: rest, rawQuery }
    if (cut(rest, '/')[0].includes(':')) throw new BuiltinError('first path segment in URL cannot contain colon')
  }
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2)
    host = parseAuthority(scheme, slash < 0 ? rest.slice(2) : rest.slice(2, slash))
    rest = slash < 0 ? '' : rest.slice(slash)
  }
  const path = unescapeBinary(rest, 'path')
  return { scheme, opaque: '', host, path, rawPath: escapeBinary(path, 'path') === rest ? '' : rest, rawQuery }
}

function splitScheme(raw: string): { readonly scheme: string; readonly rest: string } {
  if (raw.startsWith(':')) throw new BuiltinError('missing protocol scheme')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(raw)
  return scheme === null
    ? { scheme: '', rest: raw }
    : { scheme: scheme[1]!.toLowerCase(), rest: raw.slice(scheme[0].length) }
}

function parseAuthority(scheme: string, authority: string): string {
  const at = authority.lastIndexOf('@')
  const host = parseHost(scheme, authority.slice(at + 1))
  if (at < 0) return host
  const user = authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new BuiltinError('net/url: invalid userinfo')
  unescapeBinary(user, 'user')
  return host
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) throw new BuiltinError('invalid IP-literal')
  if (bracket === 0) return parseIpLiteral(host)
  const first = host.indexOf(':')
  if (first >= 0) {
    const strict = scheme === 'http' || scheme === 'https'
    const port = host.slice(strict ? first : host.lastIndexOf(':'))
    if (!/^:[0-9]*$/.test(port)) throw new BuiltinError(`invalid port "${port}" after host`)
  }
  return unescapeBinary(host, 'host')
}

function parseIpLiteral(host: string): string {
  const close = host.lastIndexOf(']')
  if (close < 0) throw new BuiltinError("missing ']' in host")
  const port = host.slice(close + 1)
  if (!/^(?::[0-9]*)?$/.test(port)) throw new BuiltinError(`invalid port "${port}" after host`)
  const inside = host.slice(1, close)
  const zoneAt = inside.indexOf('%25')
  const name =
    zoneAt < 0
      ? unescapeBinary(inside, 'host')
      : unescapeBinary(inside.slice(0, zoneAt), 'host') + unescapeBinary(inside.slice(zoneAt), 'zone')
  const [address, zone] = cut(name, '%')
  const parsed = parseIp(address)
  const isZoned = name.includes('%')
  if (parsed === undefined || !address.includes(':') || (isZoned && (zone === '' || isIpv4(parsed)))) {
    throw new BuiltinError('invalid IP-literal')
  }
  return `[${name}]${port}`
}

function escapeBinary(binary: string, part: UrlPart): string {
  let out = ''
  for (const byte of binary) {
    if (unescaped[part].test(byte)) out += byte
    else if (byte === ' ' && part === 'query') out += '+'
    else out += `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

function unescapeBinary(binary: string, part: UrlPart): string {
  let out = ''
  for (let at = 0; at < binary.length; at++) {
    const byte = binary[at]!
    if (byte === '%') {
      out += unescapeByte(binary.slice(at, at + 3), part)
      at += 2
    } else if (byte === '+' && part === 'query') out += ' '
    else if ((part === 'host' || part === 'zone') && byte < '\x80' && !unescaped[part].test(byte)) {
      throw new BuiltinError(`invalid character "${byte}" in host name`)
    } else out += byte
  }
  return out
}

function unescapeByte(encoded: string, part: UrlPart): string {
  if (!/^%[0-9a-fA-F]{2}$/.test(encoded)) throw new BuiltinError(`invalid URL escape "${encoded}"`)
  const byte = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
  const percent = encoded === '%25'
  // In a host only bytes beyond ASCII may be escaped, but for the percent sign of a zone.
  if (part === 'host' && byte < '\x80' && !percent) throw new BuiltinError(`invalid URL escape "${encoded}"`)
  if (part === 'zone' && !percent && byte !== ' ' && !unescaped.host.test(byte)) {
    throw new BuiltinError(`invalid URL escape "${encoded}"`)
  }
  return byte
}

function cut(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
