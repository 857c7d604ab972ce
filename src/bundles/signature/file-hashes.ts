/** The hash of each file of a bundle, as a signature lists it: structured files by their value, all others by their bytes. */
import { createHash } from 'node:crypto'
import { PortcullisError } from '../../domain/errors.ts'
import { canonicalJson } from './canonical-json.ts'

export const signaturesFile = '.signatures.json'

/** A file as the payload of a signature names it; the hash is in hexadecimal digits. */
export type FileHash = { readonly name: string; readonly hash: string; readonly algorithm: string }

/** OPA's names → Node's. MD5 and SHA-1, which OPA would take, are refused: they can be forged. */
const algorithms: Readonly<Record<string, string>> = {
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA-512-224': 'sha512-224',
  'SHA-512-256': 'sha512-256',
}

/** @throws bundle.unverified for an algorithm that is not taken, bundle.corrupt for a structured file that is not JSON */
export function hashOf(path: string, bytes: Uint8Array, algorithm: string): string {
  const name = Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined
  if (name === undefined)
    throw new PortcullisError('bundle.unverified', {
      message: `The policy bundle was refused: ${path}: its signature uses a hash that is not taken; sign it with SHA-256.`,
    })
  return createHash(name)
    .update(isStructured(path) ? structured(path, bytes) : bytes)
    .digest('hex')
}

/** @throws bundle.corrupt */
export function hashesOf(files: ReadonlyMap<string, Uint8Array>, algorithm = 'SHA-256'): readonly FileHash[] {
  return [...files]
    .filter(([path]) => !isSignatures(path))
    .map(([name, bytes]) => ({ name, hash: hashOf(name, bytes, algorithm), algorithm }))
}

export function isSignatures(path: string): boolean {
  return baseOf(path) === signaturesFile
}

function isStructured(path: string): boolean {
  return ['.manifest', 'data.json', 'data.yaml', 'data.yml'].includes(baseOf(path))
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function structured(path: string, bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8')
  try {
    JSON.parse(text)
  } catch (cause) {
    throw new PortcullisError('bundle.corrupt', { message: `The policy bundle is corrupt: ${path}: not JSON.`, cause })
  }
  return canonicalJson(text)
}
