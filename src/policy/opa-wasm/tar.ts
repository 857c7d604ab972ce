/** Reads the gzipped tar that OPA writes: regular files only, bounded, checksums verified. */
import { gunzipSync } from 'node:zlib'
import { PortcullisError } from '../../domain/errors.ts'

export const bundleBytesMax = 128 * 1_048_576
export const bundleFilesMax = 50_000

const blockBytes = 512
const zeroBlock = Buffer.alloc(blockBytes)
/** Files compress no better than to an eighth, as a rule; more than was foreseen is unpacked in several pieces. */
const packedFactorMax = 8
/** The least that Node unpacks at once. */
const chunkBytesMin = 64

/** Path without leading slash → bytes. @throws bundle.corrupt */
export function readTarGz(bytes: Uint8Array): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  const tar = unzip(bytes)
  let longName: string | undefined
  for (let at = 0; ; ) {
    if (at + blockBytes > tar.length) throw corrupt('it ends part-way')
    const header = tar.subarray(at, at + blockBytes)
    if (header.equals(zeroBlock)) break
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
    // in one piece, since putting many together takes longer than unpacking
    return gunzipSync(bytes, { maxOutputLength: bundleBytesMax, chunkSize: unpackedBytes(bytes) + 1 })
  } catch (error) {
    throw corrupt(`it is not a gzip file of at most ${bundleBytesMax} bytes unpacked`, error)
  }
}

/** As the end of the file says, and believable. */
function unpackedBytes(bytes: Uint8Array): number {
  const said = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(bytes.byteLength - 4, true)
  return Math.max(chunkBytesMin, Math.min(said, bundleBytesMax, packedFactorMax * bytes.byteLength))
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

/** Of all bytes, its own eight counting as spaces: four at a time, since a bundle has a hundred headers and its reader is not warm. */
function checksum(header: Buffer): number {
  const bytes = new Uint8Array(header)
  bytes.fill(0x20, 148, 156)
  let pairs = 0
  for (const word of new Uint32Array(bytes.buffer)) pairs += (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff)
  return (pairs & 0xffff) + (pairs >>> 16)
}

function corrupt(why: string, cause?: unknown): PortcullisError {
  return new PortcullisError('bundle.corrupt', { message: `The policy bundle is corrupt: ${why}.`, cause })
}
