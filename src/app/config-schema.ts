/** The configuration file, as one schema: types, validation and `schemas/config.json` come from here. */
import { type Static, Type } from 'typebox'
import { sourceProperties } from './source-schema.ts'
import { busSchema, byKind, closed, secret, tokensSchema } from './transport-schema.ts'

const port = Type.String({
  pattern: '^(?:\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$',
  description: 'host:port; port 0 takes a free one',
})
const rate = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        perMinute: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
        burst: Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'at once, after a pause' }),
      },
      { ...closed, description },
    ),
  )
const milliseconds = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description })
export const configSchema = Type.Object(
  {
    listen: port,
    authentication: byKind(
      Type.Object({ kind: Type.Literal('none') }, closed),
      Type.Object(
        {
          kind: Type.Literal('jwt'),
          issuer: Type.String({ minLength: 1 }),
          audience: Type.String({ minLength: 1 }),
          keys: Type.Union([
            Type.Object({ file: Type.String({ minLength: 1 }) }, closed),
            Type.Object({ url: Type.String({ pattern: '^https?://' }) }, closed),
          ]),
          algorithms: Type.Optional(
            Type.Array(Type.String({ pattern: '^(RS|PS|ES)(256|384|512)$|^EdDSA$' }), { minItems: 1 }),
          ),
          clockToleranceSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 300 })),
          rolesClaim: Type.Optional(Type.String({ minLength: 1 })),
          operatorRole: Type.Optional(Type.String({ minLength: 1 })),
          decisionRole: Type.Optional(
            Type.String({ minLength: 1, description: 'who has it may ask /v1/data for decisions about others' }),
          ),
        },
        closed,
      ),
    ),
    policy: Type.Object(
      {
        bundle: Type.String({ minLength: 1, description: 'a file, or the http(s) address of a bundle service' }),
        bundleService: Type.Optional(
          Type.Object(
            {
              bearerToken: Type.Optional(secret('sent to the bundle service')),
              waitSeconds: Type.Optional(
                Type.Integer({ minimum: 1, maximum: 600, description: 'how long the service may hold a request open' }),
              ),
              pollMs: Type.Optional(
                milliseconds(100, 3_600_000, 'between two requests to a service that holds none open'),
              ),
              keep: Type.Optional(
                Type.String({
                  minLength: 1,
                  description: 'folder for the last good bundle, for a start without the service',
                }),
              ),
            },
            closed,
          ),
        ),
        verification: Type.Optional(
          Type.Object(
            {
              keys: Type.Record(
                Type.String({ minLength: 1 }),
                Type.Object(
                  {
                    algorithm: Type.Union([Type.Literal('RS256'), Type.Literal('ES256'), Type.Literal('EdDSA')]),
                    file: Type.String({ minLength: 1, description: 'the public key in PEM' }),
                    scope: Type.Optional(Type.String({ minLength: 1 })),
                  },
                  closed,
                ),
                { minProperties: 1 },
              ),
              keyId: Type.Optional(Type.String({ minLength: 1, description: 'the one key that counts' })),
            },
            { ...closed, description: 'a bundle that none of these keys has signed is refused' },
          ),
        ),
        productBundle: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'the rules for data products, a file or an address: answers /v1/data/dataproduct',
          }),
        ),
        checkedShare: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 1,
            description:
              'share of reads in which each record is decided a second time, on the plain path; a difference ends the read',
          }),
        ),
        hashKeys: Type.Optional(
          Type.Object(
            {
              current: Type.String({ minLength: 1 }),
              keys: Type.Record(Type.String(), secret('at least 32 bytes, base64')),
            },
            { ...closed, description: 'keys of the mask action hash' },
          ),
        ),
      },
      closed,
    ),
    directory: Type.Object({ kind: Type.Literal('file'), file: Type.String({ minLength: 1 }) }, closed),
    catalogue: Type.Object(
      {
        roots: Type.Array(
          Type.Object(
            {
              id: Type.String({ minLength: 1 }),
              ...sourceProperties,
              types: Type.Optional(
                Type.Array(
                  Type.Object(
                    {
                      suffix: Type.String({ pattern: '^\\.[^/]+$' }),
                      mediaType: Type.String({ pattern: '^[^/\\s]+/[^/\\s]+$' }),
                      recordType: Type.String({ minLength: 1 }),
                    },
                    closed,
                  ),
                ),
              ),
              attributes: Type.Optional(Type.Record(Type.String(), Type.String())),
              product: Type.Optional(Type.String({ minLength: 1 })),
            },
            closed,
          ),
          { minItems: 1 },
        ),
      },
      closed,
    ),
    bus: busSchema,
    tokens: tokensSchema,
    audit: Type.Object(
      {
        folder: Type.String({ minLength: 1 }),
        durability: Type.Optional(Type.Union([Type.Literal('os'), Type.Literal('disk')])),
      },
      closed,
    ),
    decisionLog: Type.Optional(
      Type.Object(
        {
          folder: Type.String({ minLength: 1 }),
          policy: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'a bundle with the entrypoints system/log/mask and system/log/drop',
            }),
          ),
          recordValues: Type.Optional(
            Type.Boolean({ description: 'keep the values of records, which are taken out by default' }),
          ),
          waitingMax: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'events that may wait' }),
          ),
        },
        { ...closed, description: 'answers of /v1/data in the event format of OPA' },
      ),
    ),
    requests: Type.Optional(
      Type.Object(
        {
          timeToLiveSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 * 24 * 3600 })),
          clientTokens: Type.Optional(Type.Boolean({ description: 'honour x-request-token on registration' })),
          extraHeaders: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z0-9-]+$' }), { maxItems: 16 })),
        },
        closed,
      ),
    ),
    reading: Type.Optional(
      Type.Object(
        {
          readsMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
          etagKey: Type.Optional(
            secret(
              'at least 32 bytes, base64: the same in all processes that serve the same data; absent: a new one each start',
            ),
          ),
          recheckMs: Type.Optional(milliseconds(50, 1_000, 'how often a read under way is checked again')),
        },
        closed,
      ),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          failedAuthentication: rate('refused calls of one client address; 60 a minute, 300 at once if absent'),
          registrations: rate('of one authenticated user; 6000 a minute, 3000 at once if absent'),
          reads: rate('and all other calls of one authenticated user; 120000 a minute, 30000 at once if absent'),
        },
        { ...closed, description: 'what comes beyond is answered 429, each process counting for itself' },
      ),
    ),
    trustedProxies: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'addresses and networks (10.0.0.0/8) of proxies whose X-Forwarded-For says who the client is',
      }),
    ),
    log: Type.Optional(
      Type.Object(
        {
          level: Type.Optional(
            Type.Union(['silent', 'error', 'warn', 'info', 'debug'].map((level) => Type.Literal(level))),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
)

export type ConfigFile = Static<typeof configSchema>
