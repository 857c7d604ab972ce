/** The HR example on a web server and in HDFS, in one catalogue: what each user gets is what the specification says. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendFile, startHttpServer, type TestHttpServer } from '../support/http-server.ts'
import { hrDataFolder } from '../support/portcullis-process.ts'
import { startWebHdfsServer, type WebHdfsServer } from '../support/webhdfs-server.ts'
import { decodeEmployees, expectedRecord, hrFiles, hrUsers, readEmployees, visibleFiles } from './hr-truth.ts'
import { ask, leafIds, read, type System, startEmbedded } from './system.ts'

const purpose = 'STAFF_REPORT'
// the policies are attached to what lies below file:/data/hr/, wherever that lies
const folders = ['file:/data/hr/hdfs/', 'file:/data/hr/web/'] as const

describe('the HR example on a web server and in HDFS', () => {
  let web: TestHttpServer
  let hdfs: WebHdfsServer
  let system: System
  beforeAll(async () => {
    const contents = new Map(hrFiles.map((file) => [file as string, readFileSync(`${hrDataFolder}/${file}`)]))
    web = await startHttpServer((request, response, { pathname }) => {
      const content = contents.get(pathname.slice('/hr/'.length))
      if (content === undefined || request.headers.authorization !== 'Bearer key') return response.writeHead(404).end()
      return sendFile(request, response, { content, headers: { etag: '"1"' } })
    })
    hdfs = await startWebHdfsServer()
    for (const [file, content] of contents) hdfs.put(`/warehouse/${file}`, content)
    const types = [
      {
        suffix: '.avro',
        mediaType: 'avro/binary',
        recordType: 'uk.gov.gchq.syntheticdatagenerator.types.Employee',
      },
    ]
    const headers = { authorization: 'Bearer key' }
    system = await startEmbedded({
      changes: {
        catalogue: {
          roots: [
            { id: folders[1], types, http: { base: `${web.origin}/hr/`, leaves: hrFiles, headers, insecure: true } },
            {
              id: folders[0],
              types,
              hdfs: { namenode: hdfs.namenode, folder: '/warehouse/', user: hdfs.user, insecure: true },
            },
          ],
        },
      },
    })
  }, 120_000)
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]()
    await web?.[Symbol.asyncDispose]()
    await hdfs?.[Symbol.asyncDispose]()
  })

  test.each(hrUsers)('%s gets exactly what policy permits', async (user) => {
    const { token, items } = await ask(system, { userId: user, purpose })
    const leaves = leafIds(items)
    expect(leaves.length).toBeGreaterThan(0)
    for (const leaf of leaves) {
      const file = leaf.slice(leaf.lastIndexOf('/') + 1)
      const expected = (await readEmployees(file)).flatMap((record) => expectedRecord(user, purpose, record) ?? [])
      expect(await decodeEmployees(await read(system, token, leaf))).toEqual(expected)
    }
    if (user === 'Alice')
      expect(leaves).toEqual(folders.flatMap((folder) => visibleFiles(user).map((file) => folder + file)))
  })
})
