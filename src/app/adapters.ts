/** Which adapter stands behind each port, by what the configuration says. An adapter that is not asked for is not loaded. */
import type { Logger } from 'pino'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../domain/clock.ts'
import type { Format } from '../formats/format.ts'
import type { Shaper } from '../formats/shaper.ts'
import type { PolicyEngine } from '../policy/policy-engine.ts'
import type { TokenStore } from '../tokens/token-store.ts'
import type { Config } from './config.ts'
import { readPassword, readTls } from './secret-files.ts'

type AdapterDeps = { readonly log: Logger; readonly clock: Clock }

export async function createBus(config: Config['bus'], deps: AdapterDeps): Promise<Bus> {
  if (config.kind === 'embedded') {
    const { createEmbeddedBus } = await import('../bus/embedded/embedded-bus.ts')
    return createEmbeddedBus()
  }
  const { createKafkaBus } = await import('../bus/kafka/kafka-bus.ts')
  const { kind: _, insecure: _said, ssl, sasl, ...options } = config
  return createKafkaBus({
    ...options,
    ...(ssl === undefined ? {} : { tls: await readTls(ssl, '/bus/ssl') }),
    ...(sasl === undefined ? {} : { sasl: await readSasl(sasl) }),
    ...deps,
  })
}

type Sasl = NonNullable<Extract<Config['bus'], { kind: 'kafka' }>['sasl']>

async function readSasl(sasl: Sasl) {
  const { mechanism, username } = sasl
  // that there is one has been checked
  const { password = '' } = await readPassword(sasl, '/bus/sasl')
  return { mechanism, username, password }
}

export async function createTokenStore(config: Config['tokens'], deps: AdapterDeps): Promise<TokenStore> {
  if (config.kind === 'embedded') {
    const { createEmbeddedTokenStore } = await import('../tokens/embedded/embedded-token-store.ts')
    const { kind: _, ...options } = config
    return createEmbeddedTokenStore({ ...options, ...deps })
  }
  const { createRedisTokenStore } = await import('../tokens/redis/redis-token-store.ts')
  const { kind: _, password: _own, passwordFile: _file, tls, sentinel, ...options } = config
  return createRedisTokenStore({
    ...options,
    ...(await readPassword(config, '/tokens')),
    ...(tls === undefined ? {} : { tls: await readTls(tls, '/tokens/tls') }),
    ...(sentinel === undefined ? {} : { sentinel: await readSentinel(sentinel) }),
    ...deps,
  })
}

type Sentinel = NonNullable<Extract<Config['tokens'], { kind: 'redis' }>['sentinel']>

async function readSentinel({ password: own, passwordFile, ...sentinel }: Sentinel) {
  const given = {
    ...(own === undefined ? {} : { password: own }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
  }
  return { ...sentinel, ...(await readPassword(given, '/tokens/sentinel')) }
}

/** Every format there is: the first that knows a leaf's media type takes it. */
export async function createFormats(policy: Config['policy']): Promise<readonly Format[]> {
  const [{ createMaskValue }, { parseHashKeys }, avro, ndjson, json, csv, parquet, text, octets] = await Promise.all([
    import('../policy/masks/mask-value.ts'),
    import('../policy/masks/hash-keys.ts'),
    import('../formats/avro/avro-format.ts'),
    import('../formats/ndjson/ndjson-format.ts'),
    import('../formats/json/json-format.ts'),
    import('../formats/csv/csv-format.ts'),
    import('../formats/parquet/parquet-format.ts'),
    import('../formats/text/text-format.ts'),
    import('../formats/octets/octets-format.ts'),
  ])
  const maskValue = createMaskValue(policy.hashKeys === undefined ? {} : { hashKeys: parseHashKeys(policy.hashKeys) })
  const deps = { maskValue }
  return [
    avro.createAvroFormat(deps),
    ndjson.createNdjsonFormat(deps),
    json.createJsonFormat(deps),
    csv.createCsvFormat(deps),
    csv.createTsvFormat(deps),
    parquet.createParquetFormat(deps),
    text.createTextFormat(deps),
    octets.createOctetsFormat(),
  ]
}

/** What turns guarded bytes into the answer a client asks for; a format without one gives its own bytes only. */
export async function createShapers(): Promise<readonly Shaper[]> {
  const [avro, json, parquet, table, text] = await Promise.all([
    import('../formats/shapes/avro-shaper.ts'),
    import('../formats/shapes/json-shapers.ts'),
    import('../formats/shapes/parquet-shaper.ts'),
    import('../formats/shapes/table-shapers.ts'),
    import('../formats/shapes/text-shaper.ts'),
  ])
  return [
    avro.createAvroShaper(),
    json.createNdjsonShaper(),
    json.createJsonShaper(),
    table.createCsvShaper(),
    table.createTsvShaper(),
    parquet.createParquetShaper(),
    text.createTextShaper(),
  ]
}

export type EngineLoader = (bundle: string | Uint8Array) => PolicyEngine

/** What it gives throws PortcullisError bundle.missing, bundle.corrupt, bundle.refused, builtin.missing. */
export async function createEngineLoader(
  options: { readonly checkedShare?: number; readonly onDifference?: () => void; readonly fast?: boolean } = {},
): Promise<EngineLoader> {
  const [{ loadAccessEngine }, { parseMask }, { mergeMasks }] = await Promise.all([
    import('../policy/opa-wasm/engine.ts'),
    import('../policy/masks/parse-mask.ts'),
    import('../policy/masks/merge-masks.ts'),
  ])
  return (bundle) => loadAccessEngine({ bundle, masks: { parse: parseMask, merge: mergeMasks }, ...options })
}
