/** Hadoop's own MiniDFSCluster, a namenode and a datanode with WebHDFS, as a process of its own. Its jars lie where HADOOP_JARS says. */
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { repositoryFolder } from '../support/portcullis-process.ts'
import { createServerProcess } from '../support/server-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

export type HadoopCluster = AsyncDisposable & {
  readonly namenode: string
  readonly user: string
  /** Makes or replaces a file, and the folders it lies in. */
  put(path: string, content: Uint8Array): Promise<void>
}

const READY_TIMEOUT_MS = 90_000

export async function startHadoopCluster(): Promise<HadoopCluster> {
  const jars = process.env['HADOOP_JARS']
  if (jars === undefined) throw new Error('HADOOP_JARS is not set: run this by make check-hadoop')
  const folder = await createTempFolder('hadoop')
  const port = await freePort()
  const namenode = `http://127.0.0.1:${port}`
  const user = 'portcullis'
  const urlOf = (path: string, query: string) =>
    `${namenode}/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}?${query}&user.name=${user}`
  const server = createServerProcess({
    name: 'Hadoop',
    command: process.env['JAVA'] ?? 'java',
    args: [
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
      '-cp',
      join(jars, '*'),
      join(repositoryFolder, 'tools/hadoop/MiniHdfs.java'),
      folder.path,
      String(port),
    ],
    folder: folder.path,
    isReady: async () => (await readFile(join(folder.path, 'ready'), 'utf8')) === 'ready',
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  await server.start()
  return {
    namenode,
    user,
    async put(path, content) {
      const redirect = await send(urlOf(path, 'op=CREATE&overwrite=true'))
      const { location } = redirect.headers
      if (location === undefined) throw new Error(`CREATE was answered ${redirect.statusCode}`)
      const created = await send(location, content)
      if (created.statusCode !== 201) throw new Error(`CREATE at the datanode was answered ${created.statusCode}`)
    },
    async [Symbol.asyncDispose]() {
      await server.kill()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Not `fetch`, which does not take the "100 Continue" that a datanode sends unasked. */
function send(url: string, content?: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { method: 'PUT' }, (response) => resolve(response.resume()))
      .once('error', reject)
      .end(content)
  })
}
