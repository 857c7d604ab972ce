/** A client of the native REST interface, for the commands: no more than fetch and lines. */
import { type ErrorCode, errorTable, PortcullisError } from '../domain/errors.ts'

export type ClientOptions = {
  /** `http://127.0.0.1:8080` */
  readonly server: string
  /** A JWT, where the server asks for one. */
  readonly bearer?: string | undefined
}

export type LeafItem = { readonly id: string; readonly mediaType: string; readonly recordType: string }
export type Item =
  | { readonly kind: 'leaf'; readonly position: number; readonly leaf: LeafItem }
  | {
      readonly kind: 'error'
      readonly position: number
      readonly failure: { readonly code: string; readonly message: string }
    }
  | { readonly kind: 'complete'; readonly position: number }

export type RegisterOptions = {
  readonly userId?: string | undefined
  readonly resourceId: string
  readonly context: Readonly<Record<string, string>>
}

export type ReadOptions = {
  /** Media types, as in the header. */
  readonly accept?: string | undefined
  /** Names with commas between. */
  readonly columns?: string | undefined
  readonly limit?: string | undefined
}
export type ReadAnswer = { readonly mediaType: string; readonly bytes: AsyncIterable<Uint8Array> }

export function createClient(options: ClientOptions) {
  const headers = options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }

  async function call(
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const response = await fetch(new URL(`/api/v1${path}`, options.server), {
      method,
      headers: { ...headers, ...more, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new PortcullisError('source.unavailable', {
        message: `No server answers at ${options.server}. Start one with: make serve`,
        cause,
      })
    })
    if (!response.ok) throw await problemOf(response)
    return response
  }

  return {
    async register({ userId, resourceId, context }: RegisterOptions): Promise<string> {
      const response = await call('POST', '/requests', {
        resourceId,
        context,
        ...(userId === undefined ? {} : { userId }),
      })
      return ((await response.json()) as { token: string }).token
    },
    /** Items as they come, up to and with `complete`. */
    async *items(token: string, from = 0): AsyncGenerator<Item> {
      const response = await call('GET', `/requests/${encodeURIComponent(token)}/leaves?from=${from}`)
      for await (const line of lines(response)) yield JSON.parse(line) as Item
    },
    async read(token: string, leafId: string, options: ReadOptions = {}): Promise<ReadAnswer> {
      const { accept, columns, limit } = options
      const path = `/requests/${encodeURIComponent(token)}/read`
      const isPlain = accept === undefined && columns === undefined && limit === undefined
      const query = new URLSearchParams({
        leafId,
        ...(columns === undefined ? {} : { columns }),
        ...(limit === undefined ? {} : { limit }),
      })
      const response = isPlain
        ? await call('POST', path, { leafId })
        : await call('GET', `${path}?${query}`, undefined, accept === undefined ? {} : { accept })
      return {
        mediaType: response.headers.get('content-type') ?? '',
        bytes: whole(response.body as AsyncIterable<Uint8Array>),
      }
    },
    async revoke(token: string): Promise<void> {
      await call('DELETE', `/requests/${encodeURIComponent(token)}`)
    },
  }
}

/** The server breaks off what may not, or cannot, go on: then what came is not the whole. */
async function* whole(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (cause) {
    throw new PortcullisError('request.aborted', {
      message: 'The server broke the transfer off: what came is not the whole. Its log and audit log say why.',
      cause,
    })
  }
}

async function* lines(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}

async function problemOf(response: Response): Promise<PortcullisError> {
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  const code = (problem.code ?? '') in errorTable ? (problem.code as ErrorCode) : 'internal'
  return new PortcullisError(code, { message: problem.detail ?? `The server answered ${response.status}.` })
}
