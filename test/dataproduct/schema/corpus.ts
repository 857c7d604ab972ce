/** Documents that use every part of the standards once, for mutations of them. */
import type { Json } from '../../../src/domain/json.ts'

const definition = { url: 'https://example.com/d', type: 'businessDefinition' }
const custom = [
  { property: 'tier', value: 1 },
  { property: 'aiUse', value: { mode: 'none', purposes: ['a'] } },
]

const quality30 = [
  { type: 'library', rule: 'nullCheck', mustBe: 0, dimension: 'completeness', severity: 'error', unit: 'rows' },
  { type: 'sql', query: 'select count(*) from x', mustBeGreaterThan: 5, schedule: '0 20 * * *', scheduler: 'cron' },
  { type: 'custom', engine: 'soda', implementation: { checks: [1] } },
  { type: 'text', description: 'looks right', rule: 'x', name: 'n', method: 'm', tags: ['t'], businessImpact: 'b' },
]

const quality31 = [
  { id: 'q1', type: 'library', metric: 'nullValues', mustBe: 0, arguments: { a: 1 }, dimension: 'completeness' },
  { type: 'sql', query: 'select 1', mustBeBetween: [1, 2], name: 'n', customProperties: custom },
  { type: 'custom', engine: 'gx', implementation: 'text' },
  { type: 'text', description: 'looks right', tags: ['t'], authoritativeDefinitions: [definition] },
  { metric: 'rowCount', mustBeGreaterOrEqualTo: 1, unit: 'rows' },
]

function properties(version: '3.0' | '3.1' | '3.2'): Json {
  const exclusive = version === '3.0' ? true : 1
  const text = version === '3.0' ? true : '2020-01-01'
  return [
    {
      name: 'id',
      logicalType: 'string',
      physicalType: 'varchar',
      physicalName: 'ID',
      primaryKey: true,
      primaryKeyPosition: 1,
      logicalTypeOptions: { minLength: 1, maxLength: 10, pattern: '^a', format: 'uuid' },
      classification: 'restricted',
      encryptedName: 'e',
      criticalDataElement: true,
      examples: ['a', 1, null, [1], { a: 1 }],
      transformSourceObjects: ['a.b'],
      transformLogic: 'select',
      transformDescription: 'copy',
      quality: version === '3.0' ? quality30 : quality31,
      authoritativeDefinitions: [definition],
      customProperties: custom,
      tags: ['t'],
    },
    {
      name: 'day',
      logicalType: 'date',
      logicalTypeOptions: { format: 'yyyy', minimum: '2020-01-01', exclusiveMaximum: text },
    },
    {
      name: 'n',
      logicalType: 'integer',
      logicalTypeOptions: { multipleOf: 2, minimum: 1, exclusiveMinimum: exclusive, format: 'i32' },
    },
    {
      name: 'f',
      logicalType: 'number',
      logicalTypeOptions: { maximum: 5, format: 'f64' },
      required: true,
      unique: false,
    },
    {
      name: 'o',
      logicalType: 'object',
      logicalTypeOptions: { minProperties: 1, required: ['a'] },
      properties: [{ name: 'in', logicalType: 'boolean' }],
    },
    {
      name: 'l',
      logicalType: 'array',
      logicalTypeOptions: { minItems: 1, uniqueItems: true },
      items: { logicalType: 'object', properties: [{ name: 'deep' }] },
    },
    {
      name: 'untyped',
      properties: [{ name: 'x' }],
      items: { name: 'y', logicalType: 'string' },
      partitioned: true,
      partitionKeyPosition: -1,
    },
    ...(version === '3.0'
      ? []
      : [
          {
            name: 'ts',
            id: 'ts-1',
            logicalType: 'timestamp',
            logicalTypeOptions: { timezone: true, defaultTimezone: 'UTC', minimum: '2020' },
          },
          {
            name: 'time',
            logicalType: 'time',
            relationships: [{ type: 'foreignKey', to: 'users.id' }, { to: ['a.b', '/schema/x/properties/y'] }],
          },
        ]),
    ...(version === '3.2'
      ? [
          {
            name: 'map',
            logicalType: 'map',
            map: { key: { logicalType: 'string' }, value: { logicalType: 'object', properties: [{ name: 'v' }] } },
          },
          {
            name: 'vec',
            logicalType: 'vector',
            logicalTypeOptions: { dimensions: 3, elementType: 'float32', distanceMetric: 'cosine', normalized: true },
          },
          {
            name: 'enum',
            semanticType: 'dimension',
            deprecated: true,
            enum: [{ value: 'a', label: 'A', tags: ['x'] }, { value: 1 }],
            synonyms: [{ synonym: 's', locale: 'en' }],
          },
        ]
      : []),
  ] as unknown as Json
}

const servers30 = [
  {
    server: 's3',
    type: 's3',
    location: 's3://bucket/x',
    format: 'json',
    delimiter: 'new_line',
    endpointUrl: 'https://s3.example.com',
    environment: 'prod',
    roles: [{ role: 'r' }],
  },
  {
    server: 'pg',
    type: 'postgres',
    host: 'h',
    port: 5432,
    database: 'd',
    schema: 's',
    description: 'x',
    customProperties: custom,
  },
  { server: 'k', type: 'kafka', host: 'h', format: 'avro' },
  { server: 'ath', type: 'athena', stagingDir: 's3://x/y', schema: 's', catalog: 'c', regionName: 'eu' },
  { server: 'sftp', type: 'sftp', location: 'sftp://host/x', format: 'csv' },
  { server: 'c', type: 'custom', account: 'a', stagingDir: 'free', location: 'https://x.example' },
  { server: 'duck', type: 'duckdb', database: 'd' },
  { server: 'api', type: 'api', location: 'https://api.example.com' },
  { server: 'sn', type: 'snowflake', account: 'a', database: 'd', schema: 's', warehouse: 'w', port: 1 },
]

const common = {
  kind: 'DataContract',
  id: 'c-1',
  version: '1.0.0',
  name: 'n',
  status: 'active',
  tenant: 't',
  domain: 'd',
  dataProduct: 'p',
  tags: ['a'],
  description: {
    usage: 'u',
    purpose: 'p',
    limitations: 'l',
    authoritativeDefinitions: [definition],
    customProperties: custom,
    other: 1,
  },
  support: [
    { channel: 'c', url: 'https://x.example', tool: 'slack', scope: 'issues', invitationUrl: 'https://y.example' },
  ],
  price: { priceAmount: 9.95, priceCurrency: 'EUR', priceUnit: 'GB' },
  roles: [
    {
      role: 'reader',
      access: 'read',
      description: 'd',
      firstLevelApprovers: 'a',
      secondLevelApprovers: 'na',
      customProperties: custom,
    },
  ],
  slaDefaultElement: 'a.b',
  slaProperties: [
    { property: 'retention', value: 3, unit: 'y', element: 'a.b', driver: 'regulatory' },
    { property: 'latency', value: '4', valueExt: null, unit: 'd' },
  ],
  authoritativeDefinitions: [definition],
  customProperties: custom,
  contractCreatedTs: '2024-01-31T10:00:00Z',
}

const member = {
  username: 'a',
  name: 'n',
  role: 'owner',
  dateIn: '2024-01-31',
  dateOut: '2025-01-31',
  replacedByUsername: 'b',
}

function contract(version: '3.0' | '3.1' | '3.2', apiVersion: string, more: object): Json {
  const object = {
    name: 'o',
    logicalType: 'object',
    physicalName: 'p',
    physicalType: 'table',
    businessName: 'b',
    dataGranularityDescription: 'd',
    properties: properties(version),
    quality: version === '3.0' ? quality30 : quality31,
    ...(version === '3.0'
      ? {}
      : {
          id: 'o-1',
          relationships: [
            { from: 'a.b', to: 'c.d' },
            { from: ['a.b', 'a.c'], to: ['x.b', 'x.c'], type: 'foreignKey' },
          ],
        }),
  }
  return { apiVersion, ...common, schema: [object], ...more } as unknown as Json
}

const constraint = { id: 'i', tags: ['t'], customProperties: custom }

const servers31 = [...servers30, { id: 's-1', server: 'h', type: 'hive', host: 'h', database: 'd', port: 1 }]

const about = { tags: ['t'], customProperties: custom, authoritativeDefinitions: [{ ...definition, description: 'd' }] }

function product(apiVersion: string, more: object, port: object): Json {
  return {
    apiVersion,
    kind: 'DataProduct',
    id: 'p-1',
    name: 'n',
    version: '1.0.0',
    status: 'active',
    domain: 'd',
    tenant: 't',
    description: {
      purpose: 'p',
      limitations: 'l',
      usage: 'u',
      customProperties: custom,
      authoritativeDefinitions: [definition],
    },
    ...about,
    inputPorts: [{ name: 'in', version: '1', contractId: 'c', ...about, ...port }],
    outputPorts: [
      {
        name: 'out',
        version: '1',
        contractId: 'c',
        description: 'd',
        type: 'tables',
        sbom: [{ type: 'external', url: 'https://x.example/s' }],
        inputContracts: [{ id: 'c', version: '1' }],
        ...about,
        ...port,
      },
    ],
    managementPorts: [
      {
        name: 'm',
        content: 'control',
        type: 'rest',
        url: 'https://opa.example',
        channel: 'c',
        description: 'd',
        ...about,
        ...port,
      },
    ],
    support: [
      {
        channel: 'c',
        url: 'https://x.example',
        description: 'd',
        tool: 't',
        scope: 's',
        invitationUrl: 'https://y.example',
        ...about,
      },
    ],
    team: { name: 't', description: 'd', members: [{ ...member, ...about }], ...about },
    productCreatedTs: '2024-01-31T10:00:00Z',
    ...more,
  } as unknown as Json
}

const context = {
  instructions: 'i',
  verifiedStatements: [{ question: 'q', answer: 'a', ...constraint }],
  constraints: [{ constraint: 'c', ...constraint }],
}

/** By the name of our schema. */
export const corpus: Readonly<Record<string, readonly Json[]>> = {
  'odcs-3.0': [
    contract('3.0', 'v3.0.2', {
      servers: [...servers30, { server: 'x', type: 'mysql', host: 'h', port: 1, database: 'd', anything: 1 }],
      team: [member, {}],
    }),
  ],
  'odcs-3.1': [
    contract('3.1', 'v3.1.0', {
      servers: servers31,
      team: { id: 't', name: 'n', members: [member], tags: ['x'], description: 'd', customProperties: custom },
    }),
    { ...(contract('3.1', 'v3.1.0', { team: [member] }) as object), schema: [] } as Json,
  ],
  'odcs-3.2': [
    contract('3.2', 'v3.2.0', {
      servers: [
        ...servers31,
        { server: 'i', type: 'iceberg', catalog: 'c', catalogUrl: 'https://x.example' },
        { server: 't', type: 'teradata', host: 'h', port: '${PORT}' },
      ],
      team: { members: [member] },
      context,
      customProperties: [{ property: 'p', value: null, vendor: 'v', id: 'ä' }],
    }),
    contract('3.2', 'v3.2.0', { context: 'text', team: [member] }),
  ],
  'odps-1.0': [product('v1.0.0', {}, {})],
  'odps-1.1': [
    product(
      'v1.1.0',
      { context, deprecated: false, type: 'sourceAligned', synonyms: [{ synonym: 's', customProperties: custom }] },
      { id: 'i', deprecated: true },
    ),
  ],
}
