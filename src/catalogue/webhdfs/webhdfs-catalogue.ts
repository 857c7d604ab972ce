/** Leaves from a folder of HDFS. Symbolic links are not followed, and are no leaves. */
import { PortcullisError } from '../../domain/errors.ts'
import { bodyStart } from '../../remote/http-client.ts'
import { brokenAnswer } from '../../remote/remote-fault.ts'
import type { HdfsStatus, WebHdfsClient } from '../../remote/webhdfs-client.ts'
import { compareIds } from '../id-order.ts'
import { contentBytesMax } from '../leaf-type.ts'
import { createRemoteCatalogue, type Entry, type RemoteCatalogueDeps } from '../remote-catalogue.ts'
import type { ResourceCatalogue } from '../resource-catalogue.ts'

export type WebHdfsCatalogueDeps = Omit<RemoteCatalogueDeps, 'store'> & {
  readonly client: WebHdfsClient
  /** Absolute, ends in `/`. */
  readonly folder: string
}

/** A folder with names beyond ASCII is held and sorted; it may have so many entries. */
export const sortedEntriesMax = 100_000

export function createWebHdfsCatalogue({ client, folder: base, ...deps }: WebHdfsCatalogueDeps): ResourceCatalogue {
  const pathOf = (relative: string) => `${base}${relative}`.replace(/(?<=.)\/$/u, '')

  /** Names of a folder, in the order of their bytes. */
  async function* statuses(folder: string, signal: AbortSignal): AsyncGenerator<HdfsStatus> {
    const held: HdfsStatus[] = []
    let previous = ''
    for await (const status of namenodeOrder(client, pathOf(folder), signal)) {
      // names are ordered by signed bytes there: after the first one beyond ASCII nothing comes that belongs before what was given,
      // but the order of the rest is not ours
      if (held.length > 0 || !isAscii(status.name)) {
        if (held.push(status) > sortedEntriesMax) throw brokenAnswer('a folder has more names than can be sorted')
      } else {
        if (compareIds(previous, status.name) >= 0) throw brokenAnswer('a listing is out of order')
        previous = status.name
        yield status
      }
    }
    yield* held.sort((a, b) => compareIds(a.name, b.name))
  }

  async function* walk(folder: string, signal: AbortSignal): AsyncGenerator<Entry> {
    // a folder's ids sort as its name with a slash does, and so after names that go on with a lesser character
    const waiting: string[] = []
    const due = (name: string | undefined) =>
      waiting
        .sort(compareIds)
        .splice(0, name === undefined ? waiting.length : waiting.filter((one) => compareIds(one, name) < 0).length)
    for await (const { name, type } of statuses(folder, signal)) {
      for (const one of due(name)) yield* below(`${folder}${one}`, signal)
      if (type === 'FILE') yield { path: folder + name }
      if (type === 'DIRECTORY') waiting.push(`${name}/`)
    }
    for (const one of due(undefined)) yield* below(`${folder}${one}`, signal)
  }

  /** A folder that went away while its parent was listed holds nothing. */
  async function* below(folder: string, signal: AbortSignal): AsyncGenerator<Entry> {
    try {
      yield* walk(folder, signal)
    } catch (thrown) {
      if (!(thrown instanceof PortcullisError && thrown.code === 'source.not_found')) throw thrown
    }
  }

  async function file(path: string, signal: AbortSignal): Promise<HdfsStatus> {
    const status = await client.status(pathOf(path), signal)
    if (status.type !== 'FILE') throw new PortcullisError('source.not_found')
    return status
  }

  return createRemoteCatalogue({
    ...deps,
    store: {
      scheme: 'hdfs',
      async *list(folder, signal) {
        // a file's own name with a slash lists the file
        if ((await client.status(pathOf(folder), signal)).type !== 'DIRECTORY')
          throw new PortcullisError('source.not_found')
        yield* walk(folder, signal)
      },
      async look(path, signal) {
        const { version, size } = await file(path, signal)
        return { version, size, metadata: {} }
      },
      async start(path, signal) {
        const { size } = await file(path, signal)
        const length = Math.min(size, contentBytesMax)
        if (length === 0) return new Uint8Array()
        return bodyStart(await client.open(pathOf(path), { offset: 0, length }, signal), length)
      },
    },
  })
}

async function* namenodeOrder(client: WebHdfsClient, path: string, signal: AbortSignal): AsyncGenerator<HdfsStatus> {
  let after: string | undefined
  for (;;) {
    const { statuses, isLast } = await client.list(path, after, signal)
    yield* statuses
    if (isLast) return
    after = statuses.at(-1)!.name
  }
}

function isAscii(name: string): boolean {
  return /^[\u0000-\u007f]*$/u.test(name)
}
