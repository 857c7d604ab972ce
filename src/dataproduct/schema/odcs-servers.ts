/** Where a contract's data is served (ODCS `servers`): what each type of server needs. */
import {
  integer,
  listOf,
  oneOfWords,
  open,
  type Properties,
  ref,
  type Schema,
  text,
  uri,
  whenIs,
} from './json-schema.ts'
import type { OdcsVersion } from './odcs.ts'

type ServerType = { readonly keys: readonly string[]; readonly required: readonly string[] }

/** `a b! c`: keys, those that are required marked. */
function server(keys: string): ServerType {
  const words = keys === '' ? [] : keys.split(' ')
  return {
    keys: words.map((word) => word.replace('!', '')),
    required: words.filter((word) => word.endsWith('!')).map((word) => word.slice(0, -1)),
  }
}

const postgres = server('host! port! database! schema!')
const zen = server('host! port database!')
const embedded = server('database! host port')

const custom =
  'account catalog database dataset delimiter endpointUrl format host location path port project region regionName schema serviceName stagingDir warehouse'

const since30: Readonly<Record<string, ServerType>> = {
  api: server('location!'),
  athena: server('stagingDir! schema! catalog regionName'),
  azure: server('location! format! delimiter'),
  bigquery: server('project! dataset!'),
  clickhouse: server('host! port! database!'),
  cloudsql: postgres,
  custom: server(custom),
  databricks: server('host catalog! schema!'),
  db2: server('host! port! database! schema'),
  denodo: server('host! port! database'),
  dremio: server('host! port! schema'),
  duckdb: server('database! schema'),
  glue: server('account! database! location format'),
  informix: zen,
  kafka: server('host! format'),
  kinesis: server('region format'),
  local: server('path! format!'),
  mysql: server('host! port! database!'),
  oracle: server('host! port! serviceName!'),
  postgres,
  postgresql: postgres,
  presto: server('host! catalog schema'),
  pubsub: server('project!'),
  redshift: server('host database! schema! region account'),
  s3: server('location! endpointUrl format delimiter'),
  sftp: server('location! format delimiter'),
  snowflake: server('host port account! database! schema! warehouse'),
  sqlserver: server('host! port database! schema!'),
  synapse: server('host! port! database!'),
  trino: server('host! port! catalog! schema!'),
  vertica: postgres,
}

const since31: Readonly<Record<string, ServerType>> = {
  ...since30,
  custom: server(`${custom} stream`),
  hive: zen,
  impala: zen,
  zen,
}

const since32: Readonly<Record<string, ServerType>> = {
  ...since31,
  athena: server('stagingDir schema! catalog regionName workgroup'),
  azure: server('location! format! encoding delimiter'),
  btrieve: zen,
  custom: server(`${custom} stream encoding`),
  exasol: server('host! port schema'),
  fastobjects: embedded,
  glue: server('account! database! location format encoding'),
  hana: server('host! port database schema'),
  iceberg: server('catalog! catalogUrl! namespace warehouse'),
  ingres: zen,
  kafka: server('host! format encoding'),
  kinesis: server('region format encoding'),
  local: server('path! format! encoding'),
  poet: embedded,
  s3: server('location! endpointUrl format encoding delimiter'),
  sftp: server('location! format encoding delimiter'),
  teradata: server('host! port database'),
  vectorwise: zen,
  versant: embedded,
}

const typesOf: Readonly<Record<OdcsVersion, Readonly<Record<string, ServerType>>>> = {
  '3.0': since30,
  '3.1': since31,
  '3.2': since32,
}

const fileTypes = new Set(['azure', 's3', 'sftp'])
const addresses = new Set(['location', 'endpointUrl', 'catalogUrl'])

export function odcsServer(version: OdcsVersion): Schema {
  const types = typesOf[version]
  const base: Properties = {
    ...(version === '3.0' ? {} : { id: ref('StableId') }),
    server: text,
    type: oneOfWords(...Object.keys(types).sort()),
    description: text,
    environment: text,
    roles: listOf(ref('Role')),
    customProperties: ref('CustomProperties'),
  }
  return {
    ...open(base, ['server', 'type']),
    allOf: Object.entries(types).map(([type, { keys, required }]) => {
      const properties = Object.fromEntries(keys.map((key) => [key, keySchema(version, type, key)]))
      const shape = open(properties, required)
      return whenIs('type', type, version === '3.0' ? shape : { ...shape, ...beside(base, properties) })
    }),
  }
}

/** From 3.1 on a server has no keys but those of its type. */
function beside(base: Properties, properties: Properties): Schema {
  return {
    properties: { ...Object.fromEntries(Object.keys(base).map((key) => [key, true])), ...properties },
    additionalProperties: false,
  }
}

function keySchema(version: OdcsVersion, type: string, key: string): Schema {
  if (key === 'port') return version === '3.2' ? { type: ['integer', 'string'] } : integer
  if (key === 'stagingDir') return type === 'athena' ? uri : text
  if (type === 'sftp' && key === 'location') return { ...uri, pattern: '^sftp://.*' }
  if (addresses.has(key)) return uri
  if (version === '3.0') {
    if (type === 'duckdb' && key === 'schema') return integer
    if (fileTypes.has(type) && key === 'format') return oneOfWords('parquet', 'delta', 'json', 'csv')
    if (fileTypes.has(type) && key === 'delimiter') return oneOfWords('new_line', 'array')
  }
  return text
}
