/** One page of ListObjectsV2, read from its XML: the few elements that are needed, and nothing that is not as S3 writes it. */
import { brokenAnswer } from './remote-fault.ts'

/** `key` is undefined where it is not UTF-8. */
export type S3Object = { readonly key: string | undefined }
export type S3Page = {
  readonly objects: readonly S3Object[]
  /** Asks for the page after this one; undefined: this was the last. */
  readonly next?: string
}

/** @throws source.unavailable */
export function parseListing(xml: string): S3Page {
  if (!/<ListBucketResult[\s>]/u.test(xml) || !xml.trimEnd().endsWith('</ListBucketResult>'))
    throw brokenAnswer('a listing is not whole')
  const isUrlEncoded = element(xml, 'EncodingType') === 'url'
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gsu)].map(([, contents]) => {
    const key = element(contents!, 'Key')
    if (key === undefined) throw brokenAnswer('a listing names no key')
    return { key: isUrlEncoded ? decoded(key) : key }
  })
  const isTruncated = element(xml, 'IsTruncated') === 'true'
  const next = element(xml, 'NextContinuationToken')
  if (isTruncated && (next === undefined || next === '')) throw brokenAnswer('a listing breaks off')
  return { objects, ...(isTruncated && next !== undefined ? { next } : {}) }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function element(xml: string, name: string): string | undefined {
  const found = xml.match(new RegExp(`<${name}>([^<]*)</${name}>`, 'u'))?.[1]
  return found?.replace(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-z]+));/gu, (_, hex, decimal, named) => {
    if (named !== undefined) return entities[named as string] ?? unknownEntity()
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : unknownEntity()
  })
}

function unknownEntity(): never {
  throw brokenAnswer('a listing has an unknown entity')
}

/** As in a form: `+` is a space. */
function decoded(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
