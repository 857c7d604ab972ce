/** What we ask of HDFS by its REST interface. Opening a file is the one place where a redirect is followed: once, to a datanode that configuration allows. */
import type { PortcullisError } from '../domain/errors.ts'
import { withRetries } from './bounded-retries.ts'
import { bodyText, type HttpClient, type RemoteResponse } from './http-client.ts'
import { brokenAnswer, passingFault, statusFault } from './remote-fault.ts'

export type WebHdfsClientOptions = {
  /** `https://namenode:port`, where `/webhdfs/v1` lies. */
  readonly namenode: string
  /** Hosts, or `host:port`, that a file may come from beside the namenode's own host. */
  readonly datanodes: readonly string[]
  /** An encrypted namenode may send us to a datanode that is not. */
  readonly insecure: boolean
  readonly user?: string
  readonly delegationToken?: string
  readonly http: HttpClient
}

export type HdfsStatus = {
  /** The last part of the path; empty for the one asked for. */
  readonly name: string
  readonly type: 'FILE' | 'DIRECTORY' | 'SYMLINK'
  readonly size: number
  /** Changes when the content does. */
  readonly version: string
}

export type HdfsPage = { readonly statuses: readonly HdfsStatus[]; readonly isLast: boolean }

/** Paths are absolute. All throw source.not_found, source.forbidden, source.unavailable. */
export type WebHdfsClient = {
  status(path: string, signal: AbortSignal): Promise<HdfsStatus>
  /** Entries of a folder after that name, as the namenode orders them. */
  list(path: string, after: string | undefined, signal: AbortSignal): Promise<HdfsPage>
  open(
    path: string,
    part: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
  ): Promise<RemoteResponse>
}

const answerBytesMax = 16 * 1024 * 1024
/** Faults of a namenode that is not, or not yet, the active one. */
const passingExceptions = ['StandbyException', 'RetriableException', 'SafeModeException']

export function createWebHdfsClient(options: WebHdfsClientOptions): WebHdfsClient {
  const { namenode, user, delegationToken, http } = options
  const credentials: Readonly<Record<string, string>> = {
    ...(user === undefined ? {} : { 'user.name': user }),
    ...(delegationToken === undefined ? {} : { delegation: delegationToken }),
  }
  const urlOf = (path: string, parameters: Readonly<Record<string, string>>) =>
    `${namenode}/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}?${new URLSearchParams({ ...parameters, ...credentials })}`

  const ask = (path: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal) =>
    withRetries(async () => {
      const response = await http.send({ url: urlOf(path, parameters), signal })
      if (response.status !== 200) throw await faultOf(response)
      return json(await bodyText(response, answerBytesMax))
    }, signal)

  return {
    async status(path, signal) {
      const { FileStatus: status } = (await ask(path, { op: 'GETFILESTATUS' }, signal)) as { FileStatus?: unknown }
      return statusOf(status)
    },
    async list(path, after, signal) {
      const parameters = { op: 'LISTSTATUS_BATCH', ...(after === undefined ? {} : { startAfter: after }) }
      const answer = (await ask(path, parameters, signal)) as {
        DirectoryListing?: { partialListing?: { FileStatuses?: { FileStatus?: unknown } }; remainingEntries?: unknown }
      }
      const list = answer.DirectoryListing?.partialListing?.FileStatuses?.FileStatus
      const remaining = answer.DirectoryListing?.remainingEntries
      if (!Array.isArray(list) || typeof remaining !== 'number') throw brokenAnswer('a listing is none')
      if (remaining > 0 && list.length === 0) throw brokenAnswer('a listing does not go on')
      return { statuses: list.map(statusOf), isLast: remaining === 0 }
    },
    open: (path, { offset, length }, signal) =>
      withRetries(async () => {
        const parameters = { op: 'OPEN', offset: String(offset), length: String(length) }
        const first = await http.send({ url: urlOf(path, parameters), signal })
        // a gateway such as HttpFS gives the data itself
        if (first.status === 200) return first
        if (first.status !== 307) throw await faultOf(first)
        first.close()
        const response = await http.send({ url: datanodeUrl(first.headers.location, options), signal })
        if (response.status === 200) return response
        throw await faultOf(response)
      }, signal),
  }
}

function datanodeUrl(location: string | undefined, options: WebHdfsClientOptions): string {
  if (location === undefined || !URL.canParse(location)) throw brokenAnswer('a redirect leads nowhere')
  const url = new URL(location)
  const namenode = new URL(options.namenode)
  const isAllowed =
    url.hostname === namenode.hostname || options.datanodes.some((host) => host === url.hostname || host === url.host)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && options.insecure)
  if (!isAllowed || !isSafe || url.username !== '' || !url.pathname.startsWith('/webhdfs/v1/'))
    throw brokenAnswer('a redirect leads elsewhere')
  return url.href
}

async function faultOf(response: RemoteResponse): Promise<PortcullisError> {
  const text = await bodyText(response, answerBytesMax).catch(() => '')
  const exception = text.match(/"exception"\s*:\s*"(\w+)"/u)?.[1]
  if (exception !== undefined && passingExceptions.includes(exception))
    return passingFault(Object.assign(new Error('the namenode is not the active one'), { code: exception }))
  return statusFault(response.status)
}

function statusOf(value: unknown): HdfsStatus {
  const { pathSuffix, type, length, modificationTime } = (value ?? {}) as Record<string, unknown>
  if (
    typeof pathSuffix !== 'string' ||
    (type !== 'FILE' && type !== 'DIRECTORY' && type !== 'SYMLINK') ||
    !Number.isSafeInteger(length) ||
    !Number.isSafeInteger(modificationTime)
  )
    throw brokenAnswer('a status is none')
  return { name: pathSuffix, type, size: length as number, version: `${modificationTime}:${length}` }
}

function json(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // said below
  }
  throw brokenAnswer('an answer is not JSON')
}
