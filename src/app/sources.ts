/** The catalogue and the readers of all configured roots. What no root asks for is not loaded. */
import { stat } from 'node:fs/promises'
import { type CataloguePart, createCompositeCatalogue } from '../catalogue/composite/composite-catalogue.ts'
import type { Evidence, LeafRoot } from '../catalogue/leaf-type.ts'
import type { ResourceCatalogue } from '../catalogue/resource-catalogue.ts'
import { PortcullisError } from '../domain/errors.ts'
import type { ResourceId } from '../domain/ids.ts'
import { parseResourceId } from '../domain/resource-id.ts'
import type { Reader } from '../readers/reader.ts'
import { createHttpClient, type HttpClient, timeoutMsDefault } from '../remote/http-client.ts'
import type { S3Credentials } from '../remote/s3-client.ts'
import type { Config } from './config.ts'

export type Sources = Disposable & { readonly catalogue: ResourceCatalogue; readonly readers: readonly Reader[] }

export type SourcesDeps = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: () => number
  /** Told of names that have no canonical id: the folder listed and how many. */
  readonly onUnnameable: (folder: ResourceId, count: number) => void
  /** Told of a root whose folder is not there, or is none, at the start. It may be mounted later. */
  readonly onMissingFolder?: (root: ResourceId) => void
}

type Root = Config['catalogue']['roots'][number]
export type Opened = { readonly parts: readonly CataloguePart[]; readonly readers: readonly Reader[] }
export type Context = SourcesDeps & {
  httpClient(timeoutMs: number | undefined): HttpClient
  /** Until the sources are disposed of. */
  keep<Kept extends Disposable>(kept: Kept): Kept
}

/** @throws PortcullisError config.invalid */
export async function createSources(roots: readonly Root[], deps: SourcesDeps): Promise<Sources> {
  const clients: Disposable[] = []
  const keep = <Kept extends Disposable>(kept: Kept) => {
    clients.push(kept)
    return kept
  }
  const context: Context = {
    ...deps,
    keep,
    httpClient: (timeoutMs = timeoutMsDefault) => keep(createHttpClient({ timeoutMs })),
  }
  const opened = await Promise.all([
    openFolders(roots, context),
    openBuckets(roots, context),
    openWebServers(roots, context),
    openHdfs(roots, context),
    openKafka(roots, context),
  ])
  return {
    catalogue: createCompositeCatalogue(opened.flatMap(({ parts }) => parts)),
    readers: opened.flatMap(({ readers }) => readers),
    [Symbol.dispose]() {
      for (const client of clients) client[Symbol.dispose]()
    },
  }
}

function leafRoot({ id, types = [], attributes, product }: Root): LeafRoot {
  return {
    id: parseResourceId(id),
    types,
    ...(attributes === undefined ? {} : { attributes }),
    ...(product === undefined ? {} : { product }),
  }
}

function remoteRoot(root: Root) {
  const detect = (root.detect ?? ['metadata', 'extension', 'content']) as readonly Evidence[]
  return { ...leafRoot(root), detect }
}

const nothing: Opened = { parts: [], readers: [] }

async function openFolders(
  roots: readonly Root[],
  { onUnnameable, onMissingFolder = () => undefined }: Context,
): Promise<Opened> {
  const folders = roots.flatMap((root) => (root.folder === undefined ? [] : [{ ...root, folder: root.folder }]))
  if (folders.length === 0) return nothing
  const [{ createFileCatalogue }, { createFileReader }] = await Promise.all([
    import('../catalogue/file/file-catalogue.ts'),
    import('../readers/file/file-reader.ts'),
  ])
  await Promise.all(
    folders.map(async ({ id, folder }) => {
      const found = await stat(folder).catch(() => undefined)
      if (found?.isDirectory() !== true) onMissingFolder(parseResourceId(id))
    }),
  )
  const parts = folders.map((root) => {
    const { folder, detect } = root
    const fileRoot = {
      ...leafRoot(root),
      folder,
      ...(detect === undefined ? {} : { detect: detect as readonly Evidence[] }),
    }
    return { root: fileRoot.id, catalogue: createFileCatalogue({ roots: [fileRoot], onUnnameable }) }
  })
  return { parts, readers: [createFileReader()] }
}

async function openBuckets(roots: readonly Root[], context: Context): Promise<Opened> {
  const buckets = roots.flatMap((root) => (root.s3 === undefined ? [] : [{ root: remoteRoot(root), s3: root.s3 }]))
  if (buckets.length === 0) return nothing
  const [{ createS3Client }, { createS3Catalogue }, { createS3Reader }] = await Promise.all([
    import('../remote/s3-client.ts'),
    import('../catalogue/s3/s3-catalogue.ts'),
    import('../readers/s3/s3-reader.ts'),
  ])
  const opened = buckets.map(({ root, s3 }) => ({
    root,
    prefix: s3.prefix ?? '',
    client: createS3Client({
      bucket: s3.bucket,
      region: s3.region ?? context.environment['AWS_REGION'] ?? 'us-east-1',
      pathStyle: s3.pathStyle ?? false,
      credentials: credentialsOf(root.id, s3, context.environment),
      http: context.httpClient(s3.timeoutMs),
      now: context.now,
      ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint }),
    }),
  }))
  const { onUnnameable } = context
  return {
    parts: opened.map((one) => ({ root: one.root.id, catalogue: createS3Catalogue({ ...one, onUnnameable }) })),
    readers: [createS3Reader(new Map(opened.map((one) => [one.root.id, one])))],
  }
}

/** A pair never comes half from the file and half from the environment. */
function credentialsOf(
  id: ResourceId,
  { accessKeyId, secretAccessKey, sessionToken }: NonNullable<Root['s3']>,
  environment: SourcesDeps['environment'],
): S3Credentials {
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
  const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment
  if (key === undefined || secret === undefined)
    throw new PortcullisError('config.invalid', {
      message: `catalogue.roots: ${id} has no credentials; set accessKeyId and secretAccessKey, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`,
    })
  return {
    accessKeyId: key,
    secretAccessKey: secret,
    ...(token === undefined || token === '' ? {} : { sessionToken: token }),
  }
}

async function openWebServers(roots: readonly Root[], context: Context): Promise<Opened> {
  const servers = roots.flatMap((root) =>
    root.http === undefined ? [] : [{ root: remoteRoot(root), http: root.http }],
  )
  if (servers.length === 0) return nothing
  const [{ createHttpSource }, { createHttpCatalogue }, { createHttpReader }] = await Promise.all([
    import('../remote/http-source.ts'),
    import('../catalogue/http/http-catalogue.ts'),
    import('../readers/http/http-reader.ts'),
  ])
  const opened = servers.map(({ root, http: { base, headers = {}, manifest, leaves, timeoutMs } }) => ({
    root,
    source: createHttpSource({ base, headers, http: context.httpClient(timeoutMs) }),
    leaves: manifest === undefined ? { paths: leaves ?? [] } : { manifest },
  }))
  const { onUnnameable, now } = context
  return {
    parts: opened.map((one) => ({ root: one.root.id, catalogue: createHttpCatalogue({ ...one, onUnnameable, now }) })),
    readers: [createHttpReader(new Map(opened.map(({ root, source }) => [root.id, source])))],
  }
}

async function openHdfs(roots: readonly Root[], context: Context): Promise<Opened> {
  const clusters = roots.flatMap((root) =>
    root.hdfs === undefined ? [] : [{ root: remoteRoot(root), hdfs: root.hdfs }],
  )
  if (clusters.length === 0) return nothing
  const [{ createWebHdfsClient }, { createWebHdfsCatalogue }, { createWebHdfsReader }] = await Promise.all([
    import('../remote/webhdfs-client.ts'),
    import('../catalogue/webhdfs/webhdfs-catalogue.ts'),
    import('../readers/webhdfs/webhdfs-reader.ts'),
  ])
  const opened = clusters.map(({ root, hdfs }) => {
    const { folder, timeoutMs, datanodes = [], insecure = false, ...rest } = hdfs
    return {
      root,
      folder,
      client: createWebHdfsClient({ ...rest, datanodes, insecure, http: context.httpClient(timeoutMs) }),
    }
  })
  const { onUnnameable } = context
  return {
    parts: opened.map((one) => ({ root: one.root.id, catalogue: createWebHdfsCatalogue({ ...one, onUnnameable }) })),
    readers: [createWebHdfsReader(new Map(opened.map((one) => [one.root.id, one])))],
  }
}

async function openKafka(roots: readonly Root[], context: Context): Promise<Opened> {
  const clusters = roots.flatMap((root) => (root.kafka === undefined ? [] : [{ ...root, kafka: root.kafka }]))
  if (clusters.length === 0) return nothing
  const { openKafkaClusters } = await import('./kafka-sources.ts')
  return openKafkaClusters(
    clusters.map((root) => ({ root: remoteRoot(root), kafka: root.kafka })),
    context,
  )
}
