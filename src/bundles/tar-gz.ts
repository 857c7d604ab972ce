/** Writes a gzipped tar of which every byte follows from names and contents: fixed times and owners, and stored, since how well deflate packs depends on the machine. */
import { crc32 } from 'node:zlib'
import { PortcullisError } from '../domain/errors.ts'

export type TarEntry = { readonly path: string; readonly bytes: Uint8Array }

const tarBlockBytes = 512
/** What one stored block of deflate can hold. */
const storedBytesMax = 0xffff
const nameBytesMax = 100
const prefixBytesMax = 155

/** In the order given; paths get a leading slash, as OPA's have. @throws tool.failed for a path that no header can hold */
export function packTarGz(entries: readonly TarEntry[]): Buffer {
  const blocks: Uint8Array[] = []
  for (const { path, bytes } of entries) {
    const padding = (tarBlockBytes - (bytes.length % tarBlockBytes)) % tarBlockBytes
    blocks.push(headerOf(`/${path}`, bytes.length), bytes, Buffer.alloc(padding))
  }
  return storedGzip(Buffer.concat([...blocks, Buffer.alloc(2 * tarBlockBytes)]))
}

function headerOf(path: string, size: number): Buffer {
  const { name, prefix } = splitPath(path)
  const header = Buffer.alloc(tarBlockBytes)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

function splitPath(path: string): { readonly name: string; readonly prefix: string } {
  const bytes = Buffer.byteLength(path)
  if (bytes <= nameBytesMax) return { name: path, prefix: '' }
  for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1)) {
    const prefix = path.slice(0, at)
    const name = path.slice(at + 1)
    if (Buffer.byteLength(name) <= nameBytesMax && Buffer.byteLength(prefix) <= prefixBytesMax) return { name, prefix }
  }
  throw new PortcullisError('tool.failed', { message: `${path.slice(1)}: the path is too long for a bundle.` })
}

function storedGzip(content: Buffer): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])]
  for (let at = 0; at < content.length; at += storedBytesMax) {
    const chunk = content.subarray(at, at + storedBytesMax)
    const head = Buffer.alloc(5)
    head.writeUInt8(at + chunk.length === content.length ? 1 : 0, 0)
    head.writeUInt16LE(chunk.length, 1)
    head.writeUInt16LE(chunk.length ^ 0xffff, 3)
    parts.push(head, chunk)
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(content), 0)
  trailer.writeUInt32LE(content.length % 2 ** 32, 4)
  return Buffer.concat([...parts, trailer])
}
