/** Asks a schema registry, as Confluent's and its kin answer over HTTP, for the Avro schemas that values name. A schema never changes under its id. */
import { PortcullisError } from '../../domain/errors.ts'
import { withRetries } from '../../remote/bounded-retries.ts'
import { bodyText, type HttpClient } from '../../remote/http-client.ts'
import { brokenAnswer, statusFault } from '../../remote/remote-fault.ts'

export type SchemaRegistry = {
  /** @throws format.corrupt for an id that nobody registered, format.unknown for one that is no Avro or refers to others, source.forbidden, source.unavailable */
  schema(id: number, signal: AbortSignal): Promise<string>
  /** The newest schema of a subject; where there is none, source.not_found. @throws the same */
  latest(subject: string, signal: AbortSignal): Promise<string>
}

export type SchemaRegistryOptions = {
  /** Ends in no `/`. */
  readonly url: string
  /** Of every request, such as authorization. */
  readonly headers: Readonly<Record<string, string>>
  readonly http: HttpClient
}

export const schemaBytesMax = 1024 * 1024
/** Schemas kept at once. */
const keptMax = 1_000
const accept = 'application/vnd.schemaregistry.v1+json, application/json'

export function createSchemaRegistry({ url, headers, http }: SchemaRegistryOptions): SchemaRegistry {
  const kept = new Map<number, string>()

  function ask(path: string, signal: AbortSignal): Promise<string> {
    return withRetries(async () => {
      const response = await http.send({ url: `${url}${path}`, headers: { ...headers, accept }, signal })
      if (response.status !== 200) {
        response.close()
        throw statusFault(response.status)
      }
      return schemaIn(await bodyText(response, schemaBytesMax))
    }, signal)
  }

  return {
    async schema(id, signal) {
      const known = kept.get(id)
      if (known !== undefined) return known
      const schema = await ask(`/schemas/ids/${id}`, signal).catch((thrown: unknown) => {
        const isUnknown = thrown instanceof PortcullisError && thrown.code === 'source.not_found'
        throw isUnknown ? unknownSchema(thrown) : thrown
      })
      const [oldest] = kept.keys()
      if (oldest !== undefined && kept.size >= keptMax) kept.delete(oldest)
      kept.set(id, schema)
      return schema
    },
    latest: (subject, signal) => ask(`/subjects/${encodeURIComponent(subject)}/versions/latest`, signal),
  }
}

function schemaIn(body: string): string {
  let answer: { schema?: unknown; schemaType?: unknown; references?: unknown }
  try {
    answer = Object(JSON.parse(body))
  } catch {
    throw brokenAnswer('an answer is no JSON')
  }
  const { schema, schemaType = 'AVRO', references = [] } = answer
  if (typeof schema !== 'string') throw brokenAnswer('an answer without a schema')
  if (schemaType !== 'AVRO')
    throw new PortcullisError('format.unknown', { message: 'The schema of the values is not one of Avro.' })
  if (!Array.isArray(references) || references.length > 0)
    throw new PortcullisError('format.unknown', { message: 'The schema of the values refers to other schemas.' })
  return schema
}

function unknownSchema(cause: unknown): PortcullisError {
  return new PortcullisError('format.corrupt', { message: 'The values name a schema that is not registered.', cause })
}
