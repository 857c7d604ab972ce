/** Signed bundles, with the real `opa` on either side. */
import { execFile, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { CompactSign } from 'jose'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/bundles/signature/canonical-json.ts'
import { hashesOf } from '../../../src/bundles/signature/file-hashes.ts'
import { type SigningAlgorithm, signBundle, signingAlgorithms } from '../../../src/bundles/signature/sign.ts'
import { publicKeyOf, verifyBundle } from '../../../src/bundles/signature/verify.ts'
import { packTarGz, type TarEntry } from '../../../src/bundles/tar-gz.ts'
import { loadAccessEngine } from '../../../src/policy/opa-wasm/engine.ts'
import { readTarGz } from '../../../src/policy/opa-wasm/tar.ts'
import { ensureTool } from '../../support/ensure-tool.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { repository } from '../support/checkout.ts'

const run = promisify(execFile)
const now = Date.parse('2026-11-25T12:00:00Z')
const access = await readFile(join(repository, 'bundles/access.tar.gz'))
const masks = { parse: () => undefined, merge: (all: never) => all } as never

function keyPair(algorithm: SigningAlgorithm): { readonly publicKey: string; readonly privateKey: string } {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519')
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}
const pairs = Object.fromEntries(signingAlgorithms.map((algorithm) => [algorithm, keyPair(algorithm)]))
const verification = (algorithm: SigningAlgorithm, more: { scope?: string } = {}) => ({
  keys: { governance: { algorithm, publicKey: pairs[algorithm]!.publicKey, ...more } },
})
const signed = (algorithm: SigningAlgorithm, more: { scope?: string; bundle?: Uint8Array; now?: number } = {}) =>
  signBundle(more.bundle ?? access, {
    algorithm,
    privateKey: pairs[algorithm]!.privateKey,
    keyId: 'governance',
    now,
    ...(more.scope === undefined ? {} : { scope: more.scope }),
    ...(more.now === undefined ? {} : { now: more.now }),
  })
const entries = (files: ReadonlyMap<string, Uint8Array>): TarEntry[] =>
  [...files].map(([path, bytes]) => ({ path, bytes }))
/** The signed bundle with its files exchanged, as somebody between would. */
async function tampered(change: (files: Map<string, Buffer>) => void): Promise<Buffer> {
  const files = new Map(readTarGz(await signed('ES256')))
  change(files)
  return packTarGz(entries(files))
}

async function opaLoads(file: string, publicKey: string, algorithm: string, scope?: string): Promise<string> {
  const opa = await ensureTool('opa')
  const args = ['run', '--server', '--addr', '127.0.0.1:0', '--bundle', file, '--verification-key', publicKey]
  args.push('--verification-key-id', 'governance', '--signing-alg', algorithm, '--log-level', 'info')
  if (scope !== undefined) args.push('--scope', scope)
  const child = spawn(opa, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  try {
    return await new Promise<string>((resolve) => {
      const seen = (chunk: Buffer) => {
        output += chunk.toString()
        if (/Initializing server|Server initialized/.test(output)) resolve('loaded')
      }
      child.stdout.on('data', seen)
      child.stderr.on('data', seen)
      child.once('exit', () => resolve(output))
    })
  } finally {
    child.kill('SIGKILL')
  }
}

describe.each(signingAlgorithms)('a bundle signed by us with %s', (algorithm) => {
  test('is verified by us, holds the same policies, and is loaded by opa', { timeout: 60_000 }, async () => {
    await using folder = await createTempFolder('signed')
    const bundle = await signed(algorithm, { scope: 'write' })
    await verifyBundle(bundle, verification(algorithm, { scope: 'write' }), now)
    expect(loadAccessEngine({ bundle, masks }).revision).toBe(loadAccessEngine({ bundle: access, masks }).revision)
    await writeFile(join(folder.path, 'bundle.tar.gz'), bundle)
    await writeFile(join(folder.path, 'key.pem'), pairs[algorithm]!.publicKey)
    const at = (name: string) => join(folder.path, name)
    expect(await opaLoads(at('bundle.tar.gz'), at('key.pem'), algorithm, 'write')).toBe('loaded')
    expect(await opaLoads(at('bundle.tar.gz'), at('key.pem'), algorithm, 'read')).toContain('scope mismatch')
    await writeFile(at('other.pem'), keyPair(algorithm).publicKey)
    expect(await opaLoads(at('bundle.tar.gz'), at('other.pem'), algorithm, 'write')).toContain('verify')
  })

  test('by `opa sign` is verified by us', { timeout: 60_000 }, async () => {
    await using folder = await createTempFolder('signed')
    await writeFile(join(folder.path, 'bundle.tar.gz'), access)
    await writeFile(join(folder.path, 'key.pem'), pairs[algorithm]!.privateKey)
    await writeFile(join(folder.path, 'claims.json'), JSON.stringify({ keyid: 'governance', scope: 'write' }))
    const args = ['sign', '--signing-key', 'key.pem', '--signing-alg', algorithm, '--claims-file', 'claims.json']
    await run(await ensureTool('opa'), [...args, '--bundle', 'bundle.tar.gz'], { cwd: folder.path })
    const signatures = await readFile(join(folder.path, '.signatures.json'))
    const bundle = packTarGz([...entries(readTarGz(access)), { path: '.signatures.json', bytes: signatures }])
    await verifyBundle(bundle, verification(algorithm, { scope: 'write' }), now)
    await expect(verifyBundle(bundle, verification(algorithm), now)).rejects.toThrow(/another scope/)
  })
})

test.each([
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-384' }), /on the curve secp384r1, while ES256 needs P-256/],
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }), /has 1024 bits, while RS256 needs 2048/],
  ['EdDSA', generateKeyPairSync('ed448'), /of type ed448, while EdDSA needs ed25519/],
] as const)('a key that does not fit %s is refused by name, to sign and to verify', async (algorithm, pair, said) => {
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string
  const refusal = { code: 'config.invalid', message: expect.stringMatching(said) }
  await expect(signBundle(access, { algorithm, privateKey, keyId: 'governance', now })).rejects.toMatchObject(refusal)
  expect(() => publicKeyOf({ algorithm, publicKey })).toThrow(expect.objectContaining(refusal))
})

describe('a signed bundle is refused when', () => {
  const refused = async (bundle: Uint8Array, at = now) =>
    verifyBundle(bundle, verification('ES256'), at).then(
      () => 'taken',
      (thrown: { code: string; message: string }) => `${thrown.code}: ${thrown.message}`,
    )

  test('nothing is wrong: it is taken', async () => {
    expect(await refused(await signed('ES256'))).toBe('taken')
  })

  test.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ['it is not signed', async () => access, /not signed/],
    ['another key signed it', async () => signed('EdDSA'), /not one by the key governance/],
    [
      'a file was changed',
      () => tampered((files) => files.set('plan.json', Buffer.concat([files.get('plan.json')!, Buffer.from(' ')]))),
      /plan\.json: was changed/,
    ],
    [
      'data was changed',
      () => tampered((files) => files.set('data.json', Buffer.from('{"rules":{},"attachments":{}}'))),
      /data\.json: was changed/,
    ],
    [
      'a file was added',
      () => tampered((files) => files.set('extra.rego', Buffer.from('package x'))),
      /extra\.rego: is not listed/,
    ],
    ['a file is missing', () => tampered((files) => files.delete('plan.json')), /plan\.json: is listed .* but missing/],
    [
      'a second signature file is hidden below',
      () => tampered((files) => files.set('x/.signatures.json', Buffer.from('{}'))),
      /must hold one \.signatures\.json/,
    ],
    [
      'there are two signatures',
      () =>
        tampered((files) => {
          const [one] = JSON.parse(files.get('.signatures.json')!.toString()).signatures
          files.set('.signatures.json', Buffer.from(JSON.stringify({ signatures: [one, one] })))
        }),
      /exactly one signature/,
    ],
    ['its scope is another', () => signed('ES256', { scope: 'other' }), /another scope/],
    ['its clock is ahead', () => signed('ES256', { now: now + 301_000 }), /dated in the future/],
    [
      'the signature is none at all',
      () => tampered((files) => files.set('.signatures.json', Buffer.from('{"signatures":["a.b.c"]}'))),
      /bundle\.unverified/,
    ],
    [
      'the header asks for no algorithm',
      () =>
        tampered((files) => {
          const [, payload] = JSON.parse(files.get('.signatures.json')!.toString()).signatures[0].split('.')
          const header = Buffer.from('{"alg":"none","kid":"governance"}').toString('base64url')
          files.set('.signatures.json', Buffer.from(JSON.stringify({ signatures: [`${header}.${payload}.`] })))
        }),
      /not one by the key/,
    ],
    [
      'the public key is used as a secret',
      async () => {
        const payload = Buffer.from(JSON.stringify({ files: hashesOf(readTarGz(access)) }))
        const token = await new CompactSign(payload)
          .setProtectedHeader({ alg: 'HS256', kid: 'governance' })
          .sign(Buffer.from(pairs.ES256!.publicKey))
        return packTarGz([
          ...entries(readTarGz(access)),
          { path: '.signatures.json', bytes: Buffer.from(JSON.stringify({ signatures: [token] })) },
        ])
      },
      /not one by the key/,
    ],
  ])('%s', async (_, bundle, message) => {
    const answer = await refused(await bundle())
    expect(answer).toMatch(/^bundle\.unverified/)
    expect(answer).toMatch(message)
  })

  test('it names a key that is not configured, by either clock within five minutes it is taken', async () => {
    const bundle = await signed('ES256', { now: now + 299_000 })
    expect(await refused(bundle)).toBe('taken')
    const other = { keys: { other: verification('ES256').keys.governance } }
    await expect(verifyBundle(bundle, other, now)).rejects.toThrow(/names a key that is not configured/)
  })
})

test('data is hashed as opa does it, whatever its numbers, strings and keys', { timeout: 120_000 }, async () => {
  await using folder = await createTempFolder('hashes')
  const opa = await ensureTool('opa')
  await writeFile(join(folder.path, 'key.pem'), pairs.RS256!.privateKey)
  const texts = fc.sample(fc.json({ maxDepth: 4, stringUnit: 'grapheme' }), { seed: 7, numRuns: 40 })
  const odd = '{"z":1.0,"a":1E5,"<&>":"\\u2028\\u0007\\/","é":[],"\\ud83d\\ude00":{},"n":12345678901234567890123}'
  for (const [index, text] of [odd, ...texts.map((json) => `{"x": ${json} }`)].entries()) {
    await mkdir(join(folder.path, `b/${index}`), { recursive: true })
    await writeFile(join(folder.path, `b/${index}/data.json`), text)
  }
  await run(opa, ['sign', '--signing-key', 'key.pem', '--bundle', 'b'], { cwd: folder.path })
  const [token] = JSON.parse(await readFile(join(folder.path, '.signatures.json'), 'utf8')).signatures as string[]
  const { files } = JSON.parse(Buffer.from(token!.split('.')[1]!, 'base64url').toString()) as {
    readonly files: readonly { readonly name: string; readonly hash: string }[]
  }
  expect(files.length).toBe(41)
  for (const { name, hash } of files) {
    const path = name.replace(/^\/?b\//, '')
    const bytes = await readFile(join(folder.path, 'b', path))
    const [ours] = hashesOf(new Map([[path, bytes]]))
    expect(`${path} ${ours!.hash}`, canonicalJson(bytes.toString())).toBe(`${path} ${hash}`)
  }
})
