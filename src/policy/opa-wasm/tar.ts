/** Reads the gzipped tar that OPA writes: regular files only, bounded, checksums verified. */
import { gunzipSync } from 'node:zlib'
import { PortcullisError } from '../../domain/errors.ts'

export const bundleBytesMax = 128 * 1_048_576
export const bundleFilesMax = 50_000

const blockBytes = 512

/** Path without leading slash → bytes. @throws bundle.corrupt */
export function readTarGz(bytes: Uint8Array): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  const tar = unzip(bytes)
  let longName: string | undefined
  for (let at = 0; ; ) {
    if (at + blockBytes > tar.length) throw corrupt('it ends part-way')
    const header = tar.subarray(at, at + blockBytes)
    if (header.every((byte) => byte === 0)) break
    if (octal(header, 148, 8) !== checksum(header)) throw corrupt('a checksum in it is wrong')
    const size = octal(header, 124, 12)
    const start = at + blockBytes
    if (start + size > tar.length) throw corrupt('it ends part-way')
    const content = tar.subarray(start, start + size)
    at = start + Math.ceil(size / blockBytes) * blockBytes
    switch (String.fromCharCode(header[156]!)) {
      case 'x':
        longName = paxPath(content) ?? longName
        continue
      case 'g':
      case '5':
        continue
      case '0':
      case '\0':
        add(longName ?? nameOf(header), content)
        longName = undefined
        continue
      default:
        throw corrupt('it holds something that is not a file')
    }
  }
  return files

  function add(name: string, content: Buffer): void {
    const path = name.replace(/^\.?\/+/, '')
    if (path === '' || path.split('/').some((segment) => segment === '' || segment === '.' || segment === '..'))
      throw corrupt('a path in it is not plain')
    if (files.has(path)) throw corrupt('it holds a file twice')
    if (files.size >= bundleFilesMax) throw corrupt(`it holds more than ${bundleFilesMax} files`)
    files.set(path, content)
  }
}

function unzip(bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: bundleBytesMax })
  } catch (error) {
    throw corrupt(`it is not a gzip file of at most ${bundleBytesMax} bytes unpacked`, error)
  }
}

function nameOf(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textAt(header, 345, 155) : ''
  return prefix === '' ? textAt(header, 0, 100) : `${prefix}/${textAt(header, 0, 100)}`
}

function paxPath(content: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1]
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? length : end)
}

function octal(header: Buffer, start: number, length: number): number {
  const text = textAt(header, start, length).trim()
  if (!/^[0-7]{1,11}$/.test(text)) throw corrupt('a number in it is not octal')
  return Number.parseInt(text, 8)
}

function checksum(header: Buffer): number {
  let sum = 0
  for (let index = 0; index < blockBytes; index++) sum += index >= 148 && index < 156 ? 0x20 : header[index]!
  return sum
}

function corrupt(why: string, cause?: unknown): PortcullisError {
  return new PortcullisError('bundle.corrupt', { message: `The policy bundle is corrupt: ${why}.`, cause })
}
