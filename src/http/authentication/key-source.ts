/** Where verification keys come from: a JWK Set in a file or at a URL. */
import { readFile, stat } from 'node:fs/promises'

export const keySetBytesMax = 256 * 1024
const fetchTimeoutMs = 5_000

export async function loadKeysFromFile(file: string): Promise<unknown> {
  if ((await stat(file)).size > keySetBytesMax) throw new Error('the key set is too large')
  return JSON.parse(await readFile(file, 'utf8'))
}

export async function loadKeysFromUrl(url: string): Promise<unknown> {
  const response = await fetch(url, {
    // a redirect would let the named host choose another one as its word
    redirect: 'error',
    signal: AbortSignal.timeout(fetchTimeoutMs),
    headers: { accept: 'application/jwk-set+json, application/json' },
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`the key set's server answered ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > keySetBytesMax) throw new Error('the key set is too large')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
