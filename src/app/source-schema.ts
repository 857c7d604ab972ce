/** The part of the configuration that says where the leaves below a root lie: one of a folder, a bucket, a web server, HDFS. */
import { type Static, Type } from 'typebox'
import { closed, hostAndPort, secret } from './transport-schema.ts'

const timeoutMs = Type.Optional(
  Type.Integer({
    minimum: 100,
    maximum: 600_000,
    description: 'the longest wait for an answer, and for each next piece of it; 15000 if absent',
  }),
)
const insecure = Type.Optional(Type.Boolean({ description: 'permits http:// where https:// is meant' }))
const origin = (description: string) => Type.String({ pattern: '^https?://[A-Za-z0-9.:\\[\\]-]+$', description })
const headers = Type.Optional(
  Type.Record(Type.String({ pattern: '^[a-z0-9-]+$' }), secret('sent with every request, such as authorization')),
)
const topicName = '^[A-Za-z0-9._-]{1,249}$'

export const sourceProperties = {
  folder: Type.Optional(Type.String({ minLength: 1 })),
  s3: Type.Optional(
    Type.Object(
      {
        bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' }),
        prefix: Type.Optional(
          Type.String({ pattern: '^(?!/).*/$', description: 'ends in /; absent: the whole bucket' }),
        ),
        region: Type.Optional(Type.String({ pattern: '^[a-z0-9-]+$', description: 'us-east-1 if absent' })),
        endpoint: Type.Optional(origin("absent: Amazon's own of the region")),
        pathStyle: Type.Optional(
          Type.Boolean({ description: 'the bucket as first part of the path, as MinIO wants it' }),
        ),
        accessKeyId: Type.Optional(
          Type.String({ minLength: 1, description: 'absent: AWS_ACCESS_KEY_ID and its companions of the environment' }),
        ),
        secretAccessKey: Type.Optional(secret('belongs to accessKeyId')),
        sessionToken: Type.Optional(secret('of temporary credentials')),
        insecure,
        timeoutMs,
      },
      closed,
    ),
  ),
  http: Type.Optional(
    Type.Object(
      {
        base: Type.String({
          pattern: '^https?://[^?#@]+/$',
          description: 'the address the leaves lie below; ends in /',
        }),
        manifest: Type.Optional(
          Type.String({ pattern: '^https?://[^#@]+$', description: 'the address of a list of leaves, JSON or NDJSON' }),
        ),
        leaves: Type.Optional(
          Type.Array(Type.String({ minLength: 1 }), { description: 'the leaves, instead of a manifest' }),
        ),
        headers,
        insecure,
        timeoutMs,
      },
      closed,
    ),
  ),
  hdfs: Type.Optional(
    Type.Object(
      {
        namenode: origin('where /webhdfs/v1 lies'),
        folder: Type.String({ pattern: '^/(.*/)?$', description: 'absolute, ends in /' }),
        datanodes: Type.Optional(
          Type.Array(Type.String({ pattern: '^[A-Za-z0-9.-]+(?::[0-9]{1,5})?$' }), {
            description: 'hosts that a file may come from, beside the namenode itself',
          }),
        ),
        user: Type.Optional(Type.String({ minLength: 1 })),
        delegationToken: Type.Optional(secret('instead of a user')),
        insecure,
        timeoutMs,
      },
      closed,
    ),
  ),
  kafka: Type.Optional(
    Type.Object(
      {
        brokers: Type.Array(Type.String({ pattern: hostAndPort }), {
          minItems: 1,
          description: 'any of the cluster, host:port, to begin with',
        }),
        topics: Type.Array(
          Type.Object(
            {
              topic: Type.Optional(Type.String({ pattern: topicName })),
              prefix: Type.Optional(
                Type.String({ pattern: topicName, description: 'all topics whose names begin so' }),
              ),
              values: Type.Union(['json', 'avro', 'avro-registry'].map((kind) => Type.Literal(kind))),
              recordType: Type.Optional(Type.String({ pattern: '^[!-~]{1,256}$' })),
              schemaFile: Type.Optional(
                Type.String({ minLength: 1, description: 'the Avro schema, where values are avro' }),
              ),
            },
            closed,
          ),
          { minItems: 1 },
        ),
        registry: Type.Optional(
          Type.Object(
            {
              url: Type.String({ pattern: '^https?://[^?#@]+[^/?#@]$', description: 'where /schemas/ids lies' }),
              headers,
            },
            closed,
          ),
        ),
        sasl: Type.Optional(
          Type.Object(
            {
              mechanism: Type.Union(['plain', 'scram-sha-256', 'scram-sha-512'].map((name) => Type.Literal(name))),
              username: Type.String({ minLength: 1 }),
              password: secret('belongs to username'),
            },
            closed,
          ),
        ),
        insecure: Type.Optional(Type.Boolean({ description: 'brokers without TLS, a registry at http://' })),
        timeoutMs,
      },
      closed,
    ),
  ),
  detect: Type.Optional(
    Type.Array(Type.Union(['metadata', 'extension', 'content'].map((evidence) => Type.Literal(evidence))), {
      uniqueItems: true,
      description:
        'where the media type of a leaf comes from, the first that says something; for folders extension, else metadata, extension, content',
    }),
  ),
}

const sourceSchema = Type.Object(sourceProperties)
export type SourceConfig = Static<typeof sourceSchema>

/** What the schema cannot say; `at` is the place in the file. */
export function sourceProblems(source: SourceConfig, at: string): string[] {
  const { folder, s3, http, hdfs, kafka } = source
  const problems: string[] = []
  if ([folder, s3, http, hdfs, kafka].filter((one) => one !== undefined).length !== 1)
    problems.push(`${at}: needs one of folder, s3, http, hdfs, kafka`)
  const plain = (name: string, url: string | undefined, isPermitted: boolean | undefined) => {
    if (url?.startsWith('http:') === true && isPermitted !== true)
      problems.push(`${at}/${name}: is not encrypted; use https://, or say insecure: true`)
  }
  plain('s3/endpoint', s3?.endpoint, s3?.insecure)
  plain('http/base', http?.base, http?.insecure)
  plain('http/manifest', http?.manifest, http?.insecure)
  plain('hdfs/namenode', hdfs?.namenode, hdfs?.insecure)
  if (s3 !== undefined && (s3.accessKeyId === undefined) !== (s3.secretAccessKey === undefined))
    problems.push(`${at}/s3: accessKeyId and secretAccessKey belong together`)
  if (http !== undefined && (http.manifest === undefined) === (http.leaves === undefined))
    problems.push(`${at}/http: needs one of manifest, leaves`)
  plain('kafka/registry/url', kafka?.registry?.url, kafka?.insecure)
  return kafka === undefined ? problems : [...problems, ...kafkaProblems(kafka, `${at}/kafka`)]
}

function kafkaProblems({ topics, registry }: NonNullable<SourceConfig['kafka']>, at: string): string[] {
  return topics.flatMap(({ topic, prefix, values, schemaFile }, index) => [
    ...((topic === undefined) === (prefix === undefined) ? [`${at}/topics/${index}: needs one of topic, prefix`] : []),
    ...((values === 'avro') === (schemaFile === undefined)
      ? [`${at}/topics/${index}: schemaFile belongs to values: avro, and to no other`]
      : []),
    ...(values === 'avro-registry' && registry === undefined
      ? [`${at}/topics/${index}: values: avro-registry needs ${at}/registry`]
      : []),
  ])
}

/** Names of files and folders as `path` makes them. */
export function sourceWithPaths<Source extends SourceConfig>(source: Source, path: (text: string) => string): Source {
  const { folder, kafka } = source
  const topics = kafka?.topics.map((topic) =>
    topic.schemaFile === undefined ? topic : { ...topic, schemaFile: path(topic.schemaFile) },
  )
  return {
    ...source,
    ...(folder === undefined ? {} : { folder: path(folder) }),
    ...(kafka === undefined || topics === undefined ? {} : { kafka: { ...kafka, topics } }),
  }
}
