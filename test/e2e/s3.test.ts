/** The HR example read out of a bucket: what each user gets is what the specification says, and what each read leaves in the audit log. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hrDataFolder } from '../support/portcullis-process.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { decodeEmployees, expectedRecord, hrFiles, hrUsers, readEmployees, visibleFiles } from './hr-truth.ts'
import { ask, leafIds, read, type System, startEmbedded } from './system.ts'

const folder = 'file:/data/hr/'

describe('the HR example in a bucket', () => {
  let bucket: S3Server
  let system: System
  beforeAll(async () => {
    bucket = await startS3Server()
    for (const file of hrFiles) await bucket.put(`hr/${file}`, readFileSync(`${hrDataFolder}/${file}`))
    await bucket.put('secret/other.avro', readFileSync(`${hrDataFolder}/${hrFiles[0]}`))
    const s3 = { ...bucket.credentials, bucket: bucket.bucket, prefix: 'hr/', endpoint: bucket.endpoint }
    system = await startEmbedded({
      changes: {
        catalogue: {
          roots: [
            {
              id: folder,
              s3: { ...s3, pathStyle: true, insecure: true, timeoutMs: 1000 },
              types: [
                {
                  suffix: '.avro',
                  mediaType: 'avro/binary',
                  recordType: 'uk.gov.gchq.syntheticdatagenerator.types.Employee',
                },
              ],
            },
          ],
        },
      },
    })
  }, 120_000)
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]()
    await bucket?.[Symbol.asyncDispose]()
  })

  test.each(hrUsers)('%s gets exactly the files, records and fields that policy permits', async (user) => {
    const purpose = 'DUTY_OF_CARE'
    const { token, items } = await ask(system, { userId: user, purpose })
    expect(leafIds(items)).toEqual(visibleFiles(user).map((file) => folder + file))
    for (const file of visibleFiles(user)) {
      const expected = (await readEmployees(file)).flatMap((record) => expectedRecord(user, purpose, record) ?? [])
      expect(await decodeEmployees(await read(system, token, folder + file))).toEqual(expected)
    }
  })

  test('a bucket that answers no longer ends the read, and the audit log has it', async () => {
    const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
    bucket.pause()
    try {
      await expect(read(system, token, folder + hrFiles[0])).rejects.toMatchObject({ code: 'source.unavailable' })
    } finally {
      bucket.resume()
    }
    await expect
      .poll(async () => (await system.audit()).map(({ code }) => code), { timeout: 10_000 })
      .toContain('source.unavailable')
  })

  test('an object that went away is gone', async () => {
    const { token } = await ask(system, { userId: 'Alice', purpose: 'SALARY' })
    await bucket.remove(`hr/${hrFiles[1]}`)
    await expect(read(system, token, folder + hrFiles[1])).rejects.toMatchObject({ code: 'source.not_found' })
  })

  test('neither the secret nor the place of the data is in the log', () => {
    const log = system.processes['all']!.log()
    expect(log).not.toContain(bucket.credentials.secretAccessKey)
    expect(log).not.toContain(bucket.endpoint)
  })
})
