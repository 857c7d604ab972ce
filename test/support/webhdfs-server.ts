/**
 * A namenode and a datanode that speak WebHDFS as Hadoop documents it: statuses, listings in pages and in the order of signed bytes,
 * files by a redirect to the datanode, faults as RemoteException. It is not Hadoop's own.
 */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type HttpHandler, startHttpServer } from './http-server.ts'

export type WebHdfsServer = AsyncDisposable & {
  readonly namenode: string
  readonly datanode: string
  /** Requests to the namenode so far. */
  readonly requests: readonly string[]
  /** Paths are absolute; a link has no content. */
  put(path: string, content: Uint8Array | 'link'): void
  remove(path: string): void
  /** Requests that the namenode, or the datanode, answers in another way. */
  intercept(node: 'namenode' | 'datanode', handler: HttpHandler | undefined): void
  /** Who may ask: by `user.name`, or by `delegation`. */
  readonly user: string
  readonly token: string
}

type File = { readonly content: Uint8Array | 'link'; readonly modificationTime: number }

export async function startWebHdfsServer({ pageEntries = 3 } = {}): Promise<WebHdfsServer> {
  const files = new Map<string, File>()
  const intercepts: { namenode?: HttpHandler | undefined; datanode?: HttpHandler | undefined } = {}
  const [user, token] = ['portcullis', 'a-delegation-token']
  let clock = 1_700_000_000_000

  const datanode = await startHttpServer((request, response, url) => {
    if (intercepts.datanode !== undefined) return intercepts.datanode(request, response, url)
    // as Hadoop's: what authorises is in the address that the namenode gave
    if (url.searchParams.get('signed') !== signature(url)) return exception(response, 403, 'AccessControlException')
    const file = files.get(pathOf(url))
    if (file === undefined || file.content === 'link') return exception(response, 404, 'FileNotFoundException')
    const offset = Number(url.searchParams.get('offset') ?? 0)
    const length = Number(url.searchParams.get('length') ?? file.content.length)
    const part = file.content.subarray(offset, offset + length)
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': part.length,
      connection: 'close',
    })
    return response.end(part)
  })

  const namenode = await startHttpServer((request, response, url) => {
    if (intercepts.namenode !== undefined) return intercepts.namenode(request, response, url)
    return answer(response, url)
  })

  function answer(response: ServerResponse, url: URL): ServerResponse {
    const { searchParams } = url
    if (searchParams.get('user.name') !== user && searchParams.get('delegation') !== token)
      return exception(response, 401, 'SecurityException')
    const path = pathOf(url)
    const status = statusOf(path)
    if (status === undefined) return exception(response, 404, 'FileNotFoundException')
    const operation = searchParams.get('op')
    if (operation === 'GETFILESTATUS') return json(response, 200, { FileStatus: { ...status, pathSuffix: '' } })
    if (operation === 'LISTSTATUS_BATCH') return json(response, 200, listing(path, searchParams.get('startAfter')))
    if (operation !== 'OPEN') return exception(response, 400, 'IllegalArgumentException')
    if (status.type !== 'FILE') return exception(response, 404, 'FileNotFoundException')
    const target = new URL(`${datanode.origin}${url.pathname}${url.search}`)
    target.searchParams.delete('delegation')
    target.searchParams.set('namenoderpcaddress', 'localhost:8020')
    target.searchParams.set('signed', signature(target))
    return response.writeHead(307, { location: target.href, 'content-length': 0 }).end()
  }

  function statusOf(path: string) {
    const file = files.get(path)
    const name = path.slice(path.lastIndexOf('/') + 1)
    const common = { pathSuffix: name, owner: user, group: 'hadoop', permission: '644', accessTime: 0 }
    if (file !== undefined)
      return {
        ...common,
        type: file.content === 'link' ? 'SYMLINK' : 'FILE',
        length: file.content === 'link' ? 0 : file.content.length,
        modificationTime: file.modificationTime,
      }
    const folder = path === '/' ? '/' : `${path}/`
    if (![...files.keys()].some((key) => key.startsWith(folder))) return undefined
    return { ...common, type: 'DIRECTORY', length: 0, modificationTime: 0 }
  }

  function listing(path: string, startAfter: string | null) {
    const folder = path === '/' ? '/' : `${path}/`
    const names = files.has(path)
      ? ['']
      : [
          ...new Set(
            [...files.keys()]
              .filter((key) => key.startsWith(folder))
              .map((key) => key.slice(folder.length).split('/')[0]!),
          ),
        ].sort(bySignedBytes)
    const left = names.filter((name) => startAfter === null || bySignedBytes(name, startAfter) > 0)
    const page = left.slice(0, pageEntries)
    const statuses = page.map((name) => ({ ...statusOf(name === '' ? path : folder + name), pathSuffix: name }))
    return {
      DirectoryListing: {
        partialListing: { FileStatuses: { FileStatus: statuses } },
        remainingEntries: left.length - page.length,
      },
    }
  }

  return {
    namenode: namenode.origin,
    datanode: datanode.origin,
    requests: namenode.requests,
    put: (path, content) => void files.set(path, { content, modificationTime: clock++ }),
    remove: (path) => void files.delete(path),
    intercept(node, handler) {
      intercepts[node] = handler
    },
    user,
    token,
    async [Symbol.asyncDispose]() {
      await namenode[Symbol.asyncDispose]()
      await datanode[Symbol.asyncDispose]()
    },
  }
}

const pathOf = ({ pathname }: URL) => decodeURIComponent(pathname).replace(/^\/webhdfs\/v1/u, '')

function signature({ pathname, searchParams }: URL): string {
  const part = [pathname, searchParams.get('offset'), searchParams.get('length')].join(' ')
  return createHash('sha256').update(part).digest('hex')
}

/** Hadoop compares names as arrays of signed bytes: what is beyond ASCII comes first. */
function bySignedBytes(a: string, b: string): number {
  const [left, right] = [new Int8Array(Buffer.from(a)), new Int8Array(Buffer.from(b))]
  for (let index = 0; index < Math.min(left.length, right.length); index++)
    if (left[index] !== right[index]) return left[index]! - right[index]!
  return left.length - right.length
}

function json(response: ServerResponse, status: number, value: unknown): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export function exception(response: ServerResponse, status: number, name: string): ServerResponse {
  return json(response, status, {
    RemoteException: { exception: name, javaClassName: `org.apache.hadoop.${name}`, message: 'said by the server' },
  })
}
