import { appendFile, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuditFile } from '../../src/audit/file/audit-file.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
})
afterEach(async () => {
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true })
})

const event = (id: string, time = '2026-11-25T10:00:00.000Z'): AuditEvent => ({
  id,
  kind: 'leaf.delivered',
  time,
  service: 'delivery',
})
const lines = async (name = 'audit-2026-11-25.ndjson') =>
  (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')

describe('the audit log in files', () => {
  test('holds one line an event, in order, when record resolves', async () => {
    await using trail = await createAuditFile({ folder, durability: 'disk', rememberAcrossRestarts: false })
    await Promise.all([trail.record([event('1'), event('2')]), trail.record([event('3')])])
    expect((await lines()).map((line) => JSON.parse(line))).toEqual([event('1'), event('2'), event('3')])
  })

  test('begins a file a day', async () => {
    await using trail = await createAuditFile({ folder, durability: 'os', rememberAcrossRestarts: false })
    await trail.record([event('1'), event('2', '2026-11-26T00:00:00.000Z')])
    expect(await readdir(folder)).toEqual(['audit-2026-11-25.ndjson', 'audit-2026-11-26.ndjson'])
  })

  test('keeps an event that is delivered twice once, also across a restart', async () => {
    const open = () => createAuditFile({ folder, durability: 'os', rememberAcrossRestarts: true })
    {
      await using trail = await open()
      await trail.record([event('1')])
      await trail.record([event('1'), event('2')])
    }
    await using trail = await open()
    await trail.record([event('2'), event('3')])
    expect((await lines()).map((line) => JSON.parse(line).id)).toEqual(['1', '2', '3'])
  })

  test('starts a new line after one that a crash cut short', async () => {
    await appendFile(join(folder, 'audit-2026-11-25.ndjson'), '{"id":"0","ki')
    await using trail = await createAuditFile({ folder, durability: 'os', rememberAcrossRestarts: false })
    await trail.record([event('1')])
    expect(await lines()).toEqual(['{"id":"0","ki', JSON.stringify(event('1'))])
  })

  test('fails when it cannot write, and goes on when it can again', async () => {
    await using trail = await createAuditFile({
      folder: join(folder, 'log'),
      durability: 'os',
      rememberAcrossRestarts: false,
    })
    await rm(join(folder, 'log'), { recursive: true })
    await writeFile(join(folder, 'log'), '')
    await expect(trail.record([event('1')])).rejects.toMatchObject({ code: 'audit.failed' })
    await rm(join(folder, 'log'))
    await createAuditFile({ folder: join(folder, 'log'), durability: 'os', rememberAcrossRestarts: false })
    await trail.record([event('2')])
    expect(await readFile(join(folder, 'log/audit-2026-11-25.ndjson'), 'utf8')).toBe(`${JSON.stringify(event('2'))}\n`)
  })
})
