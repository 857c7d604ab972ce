/** A real S3 server (s3rver) as a process of its own on a free loopback port, behind a gateway that does what it leaves out. */
import { fileURLToPath } from 'node:url'
import { AwsClient } from 'aws4fetch'
import { freePort, LOOPBACK } from './free-port.ts'
import { startHttpServer } from './http-server.ts'
import { passOn } from './s3-gateway.ts'
import { createServerProcess, retryStart } from './server-process.ts'
import { createTempFolder } from './temp-folder.ts'

export type S3Server = AsyncDisposable & {
  readonly endpoint: string
  /** Method and path with query of all requests so far. */
  readonly requests: readonly string[]
  readonly bucket: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  put(key: string, content: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<void>
  remove(key: string): Promise<void>
  pause(): void
  resume(): void
}

const READY_TIMEOUT_MS = 30_000
const program = fileURLToPath(new URL('../../node_modules/s3rver/bin/s3rver.js', import.meta.url))

export function startS3Server(bucket = 'test-bucket'): Promise<S3Server> {
  return retryStart(async () => {
    const folder = await createTempFolder('s3')
    const port = await freePort()
    const endpoint = `http://${LOOPBACK}:${port}`
    const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
    const server = createServerProcess({
      name: 's3rver',
      command: process.execPath,
      args: [
        '--openssl-legacy-provider',
        program,
        '-d',
        folder.path,
        '-a',
        LOOPBACK,
        '-p',
        String(port),
        '--configure-bucket',
        bucket,
      ],
      folder: folder.path,
      isReady: async () => (await fetch(endpoint)).status > 0,
      readyTimeoutMs: READY_TIMEOUT_MS,
    })
    try {
      await server.start()
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
    const gateway = await startHttpServer((request, response) => passOn(request, response, { port, credentials }))
    const aws = new AwsClient({ ...credentials, service: 's3', region: 'us-east-1', retries: 0 })
    const urlOf = (key: string) => `${endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
    async function ask(method: string, key: string, init: { body?: Buffer; headers?: Record<string, string> } = {}) {
      const response = await aws.fetch(urlOf(key), { method, ...init })
      if (!response.ok) throw new Error(`${method} was answered ${response.status}: ${await response.text()}`)
    }
    return {
      endpoint: gateway.origin,
      requests: gateway.requests,
      bucket,
      credentials,
      put: (key, content, headers = {}) => ask('PUT', key, { body: Buffer.from(content), headers: { ...headers } }),
      remove: (key) => ask('DELETE', key),
      pause: () => server.pause(),
      resume: () => server.resume(),
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]()
        await server.kill()
        await folder[Symbol.asyncDispose]()
      },
    }
  })
}
