/** Says to a Kafka broker who we are: SASL with PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 (RFC 5802). */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { PortcullisError } from '../../domain/errors.ts'
import { brokenAnswer } from '../remote-fault.ts'
import type { KafkaConnection } from './connection.ts'
import { kafkaCodes, kafkaFault } from './faults.ts'
import { createKafkaWriter } from './wire.ts'

export const kafkaMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

export type KafkaCredentials = {
  readonly mechanism: (typeof kafkaMechanisms)[number]
  readonly username: string
  readonly password: string
}

const apis = { handshake: 17, authenticate: 36 } as const
const iterationsMax = 1_000_000
const nonceBytes = 24

/** @throws source.forbidden where they are refused; what the connection throws */
export async function authenticate(
  connection: KafkaConnection,
  credentials: KafkaCredentials,
  signal: AbortSignal,
): Promise<void> {
  const { mechanism, username, password } = credentials
  const code = await connection.send(
    {
      api: apis.handshake,
      version: 1,
      body: createKafkaWriter().text(mechanism.toUpperCase()).toBytes(),
      read: (bytes) => bytes.int16(),
    },
    signal,
  )
  // what is not offered here cannot be authenticated with
  if (code !== kafkaCodes.none) throw new PortcullisError('source.forbidden')
  const say = (text: string) => exchange(connection, text, signal)
  if (mechanism === 'plain') await say(`\0${username}\0${password}`)
  else await scram(say, { username, password, hash: mechanism === 'scram-sha-256' ? 'sha256' : 'sha512' })
}

async function exchange(connection: KafkaConnection, text: string, signal: AbortSignal): Promise<string> {
  const bytes = Buffer.from(text)
  const { code, answer } = await connection.send(
    {
      api: apis.authenticate,
      version: 0,
      body: createKafkaWriter().int32(bytes.length).raw(bytes).toBytes(),
      read(given) {
        const code = given.int16()
        given.text()
        return { code, answer: given.take(Math.max(0, given.int32())).toString() }
      },
    },
    signal,
  )
  if (code !== kafkaCodes.none) throw kafkaFault(code)
  return answer
}

type Scram = { readonly username: string; readonly password: string; readonly hash: 'sha256' | 'sha512' }

async function scram(say: (text: string) => Promise<string>, { username, password, hash }: Scram): Promise<void> {
  const nonce = randomBytes(nonceBytes).toString('base64')
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C')
  const own = `n=${name},r=${nonce}`
  const first = await say(`n,,${own}`)
  const { r: joint, s: salt, i } = attributesOf(first)
  const iterations = Number(i)
  if (joint === undefined || !joint.startsWith(nonce) || salt === undefined || !(iterations > 0))
    throw brokenAnswer('not an answer of SCRAM')
  if (iterations > iterationsMax) throw brokenAnswer('more iterations than are done')
  const digest = (bytes: Uint8Array) => createHash(hash).update(bytes).digest()
  const mac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest()
  const length = hash === 'sha256' ? 32 : 64
  const salted = await promisify(pbkdf2)(password, Buffer.from(salt, 'base64'), iterations, length, hash)
  const clientKey = mac(salted, 'Client Key')
  const bare = `c=biws,r=${joint}`
  const signed = `${own},${first},${bare}`
  const signature = mac(digest(clientKey), signed)
  const proof = clientKey.map((byte, index) => byte ^ signature[index]!)
  const { v: verifier = '' } = attributesOf(await say(`${bare},p=${Buffer.from(proof).toString('base64')}`))
  const expected = mac(mac(salted, 'Server Key'), signed)
  const given = Buffer.from(verifier, 'base64')
  // whoever does not know the password is not the broker
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new PortcullisError('source.forbidden')
}

function attributesOf(text: string): Partial<Record<string, string>> {
  return Object.fromEntries(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]))
}
