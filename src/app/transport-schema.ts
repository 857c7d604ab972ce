/** The parts of the configuration that say how the broker and the token store are reached, and how this server proves who it is. */
import { type Static, type TSchema, Type } from 'typebox'

export const closed = { additionalProperties: false } as const

/** Never printed: `describeConfig` shows `***`. */
export const secret = (description: string) => Type.String({ minLength: 1, description, 'x-secret': true })
const file = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))

/** One of several objects told apart by `kind`: a problem is reported for the kind that is named, not for all. */
export const byKind = <Types extends TSchema[]>(...types: [...Types]) =>
  Type.Unsafe<Static<ReturnType<typeof Type.Union<Types>>>>({
    type: 'object',
    discriminator: { propertyName: 'kind' },
    required: ['kind'],
    oneOf: types,
  })

/** host:port */
export const hostAndPort = '^(?:[A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$'

const tlsSchema = Type.Object(
  {
    ca: file('PEM of the authorities that are trusted; absent: those that Node trusts'),
    cert: file('PEM of the certificate this server shows, with its chain'),
    key: file('PEM of the key that belongs to cert'),
    servername: Type.Optional(Type.String({ minLength: 1, description: 'the name the certificate must have' })),
  },
  { ...closed, description: '{} is TLS with the authorities that Node trusts' },
)
export type TlsConfig = Static<typeof tlsSchema>

const password = Type.Optional(secret('or passwordFile'))
const passwordFile = file('a file whose content is the password; an end of line does not count')
/** The password itself, or the file that holds it. */
export type PasswordConfig = { readonly password?: string; readonly passwordFile?: string }

const insecure = (description: string) => Type.Optional(Type.Boolean({ description }))

export const busSchema = byKind(
  Type.Object({ kind: Type.Literal('embedded') }, closed),
  Type.Object(
    {
      kind: Type.Literal('kafka'),
      brokers: Type.String({ minLength: 1, description: 'host:port, several separated by commas' }),
      topicPrefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]*$' })),
      partitions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      replicationFactor: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
      ssl: Type.Optional(tlsSchema),
      sasl: Type.Optional(
        Type.Object(
          {
            mechanism: Type.Union([
              Type.Literal('plain'),
              Type.Literal('scram-sha-256'),
              Type.Literal('scram-sha-512'),
            ]),
            username: Type.String({ minLength: 1 }),
            password,
            passwordFile,
          },
          closed,
        ),
      ),
      insecure: insecure('permits sasl without ssl'),
    },
    closed,
  ),
)

export const tokensSchema = byKind(
  Type.Object(
    {
      kind: Type.Literal('embedded'),
      folder: file('absent: in memory, gone with the process'),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('redis'),
      url: Type.Optional(secret('redis:// or rediss://, with its password unless that is said below')),
      sentinel: Type.Optional(
        Type.Object(
          {
            master: Type.String({ minLength: 1, description: 'the name the sentinels know it by' }),
            nodes: Type.Array(Type.String({ pattern: hostAndPort }), {
              minItems: 1,
              description: 'the sentinels, host:port',
            }),
            username: Type.Optional(Type.String({ minLength: 1, description: 'at the sentinels' })),
            password,
            passwordFile,
          },
          { ...closed, description: 'instead of url: the sentinels say where the primary is' },
        ),
      ),
      username: Type.Optional(Type.String({ minLength: 1 })),
      password,
      passwordFile,
      tls: Type.Optional(tlsSchema),
      keyPrefix: Type.Optional(Type.String()),
    },
    closed,
  ),
)

export type BusConfig = Static<typeof busSchema>
export type TokensConfig = Static<typeof tokensSchema>

/** What the schema cannot say of `bus`. */
export function busProblems(bus: BusConfig): string[] {
  if (bus.kind === 'embedded') return []
  const { brokers, ssl, sasl, insecure = false } = bus
  return [
    ...(brokers.split(',').every((broker) => new RegExp(hostAndPort, 'u').test(broker.trim()))
      ? []
      : ['/bus/brokers: must be host:port, several separated by commas']),
    ...(ssl === undefined ? [] : tlsProblems(ssl, '/bus/ssl')),
    ...(sasl === undefined ? [] : passwordProblems(sasl, '/bus/sasl', 'needed')),
    ...(sasl !== undefined && ssl === undefined && !insecure
      ? ['/bus/sasl: the password and all messages would go out in clear; add ssl, or say insecure: true']
      : []),
  ]
}

/** What the schema cannot say of `tokens`. */
export function tokensProblems(tokens: TokensConfig): string[] {
  if (tokens.kind === 'embedded') return []
  const { url, sentinel, tls } = tokens
  const isUrl = url !== undefined && URL.canParse(url) && ['redis:', 'rediss:'].includes(new URL(url).protocol)
  return [
    ...((url === undefined) === (sentinel === undefined) ? ['/tokens: needs one of url, sentinel'] : []),
    ...(url !== undefined && !isUrl ? ['/tokens/url: must begin with redis:// or rediss://'] : []),
    ...(isUrl && tls !== undefined && url.startsWith('redis:')
      ? ['/tokens/tls: belongs to a url that begins with rediss://']
      : []),
    ...(tls === undefined ? [] : tlsProblems(tls, '/tokens/tls')),
    ...passwordProblems(tokens, '/tokens', tokens.username === undefined ? 'optional' : 'needed'),
    ...(sentinel === undefined
      ? []
      : passwordProblems(sentinel, '/tokens/sentinel', sentinel.username === undefined ? 'optional' : 'needed')),
  ]
}

function tlsProblems({ cert, key }: TlsConfig, at: string): string[] {
  return (cert === undefined) === (key === undefined) ? [] : [`${at}: cert and key belong together`]
}

function passwordProblems(
  { password, passwordFile }: PasswordConfig,
  at: string,
  need: 'needed' | 'optional',
): string[] {
  if (password !== undefined && passwordFile !== undefined) return [`${at}: takes one of password, passwordFile`]
  return need === 'needed' && password === undefined && passwordFile === undefined
    ? [`${at}: needs one of password, passwordFile`]
    : []
}

/** Names of files as `path` makes them. */
export function busWithPaths(bus: BusConfig, path: (text: string) => string): BusConfig {
  if (bus.kind === 'embedded') return bus
  return {
    ...bus,
    ...(bus.ssl === undefined ? {} : { ssl: withFiles(bus.ssl, path) }),
    ...(bus.sasl === undefined ? {} : { sasl: withFiles(bus.sasl, path) }),
  }
}

export function tokensWithPaths(tokens: TokensConfig, path: (text: string) => string): TokensConfig {
  const own = withFiles(tokens, path)
  if (own.kind === 'embedded') return own
  return {
    ...own,
    ...(own.tls === undefined ? {} : { tls: withFiles(own.tls, path) }),
    ...(own.sentinel === undefined ? {} : { sentinel: withFiles(own.sentinel, path) }),
  }
}

const nameFiles: ReadonlySet<string> = new Set(['ca', 'cert', 'key', 'passwordFile', 'folder'])

/** Whichever of its own members name a file or a folder. */
function withFiles<Part extends object>(part: Part, path: (text: string) => string): Part {
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      nameFiles.has(name) && typeof value === 'string' ? path(value) : value,
    ]),
  ) as Part
}
