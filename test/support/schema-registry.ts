/** A schema registry on a free loopback port, which answers as Confluent's does, for whoever has the key. */
import { startHttpServer } from './http-server.ts'

export type RegistryServer = AsyncDisposable & {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Requests answered so far. */
  readonly asked: readonly string[]
  /** Answers the id. */
  register(subject: string, schema: string, extra?: object): number
}

export async function startSchemaRegistry(): Promise<RegistryServer> {
  const answers = new Map<string, object>()
  const asked: string[] = []
  const headers = { authorization: 'Bearer registry-key' }
  const server = await startHttpServer((request, response, { pathname }) => {
    asked.push(pathname)
    if (request.headers.authorization !== headers.authorization) return response.writeHead(401).end()
    const answer = answers.get(pathname)
    response.setHeader('content-type', 'application/vnd.schemaregistry.v1+json')
    if (answer === undefined) return response.writeHead(404).end('{"error_code":40403,"message":"Schema not found"}')
    return response.end(JSON.stringify(answer))
  })
  let id = 0
  return {
    url: server.origin,
    headers,
    asked,
    register(subject, schema, extra = {}) {
      id++
      answers.set(`/schemas/ids/${id}`, { schema, ...extra })
      answers.set(`/subjects/${subject}/versions/latest`, { subject, version: id, id, schema, ...extra })
      return id
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** As serializers write it: a zero, the id of the schema in four bytes, the value. */
export function framed(id: number, datum: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, datum])
}
