import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { lineBytesMax } from '../../../src/audit/query/log-lines.ts'
import { damageToldMax } from '../../../src/audit/query/log-reading.ts'
import { createTempFolder } from '../../support/temp-folder.ts'
import { all, event, logOf, openLog, piecesOf } from './written-log.ts'

const whole = event('request.registered', 1, { userId: 'Alice' })
const damageOf = async (...lines: readonly string[]) => {
  const reading = logOf([...lines, whole])
  const events = (await all(reading.events())).flat()
  expect(events).toEqual([whole])
  return reading.tally.damage.map(({ line, why }) => `${line} ${why}`)
}
const changed = (change: object) => JSON.stringify({ ...event('read.started', 1), ...change })

test('lines that are no events are counted with their places, and what follows is read', async () => {
  expect(await damageOf('{"id":"1","kind":"read.st', 'null', '[]', '{}')).toEqual([
    '1 not_json',
    '2 not_event',
    '3 not_event',
    '4 not_event',
  ])
  expect(await damageOf(changed({ bytesWritten: -1 }), changed({ reasons: [{ title: 'no code' }] }))).toEqual([
    '1 not_event',
    '2 not_event',
  ])
  expect(await damageOf(changed({ time: 'today' }), changed({ context: { purpose: 1 } }))).toEqual([
    '1 not_event',
    '2 not_event',
  ])
  expect(await damageOf(changed({ kind: 'leaf.burnt' }))).toEqual(['1 unknown_kind'])
  expect(await damageOf('{"decision_id":"1","timestamp":"2026-11-25T00:00:00Z"}')).toEqual(['1 decision_log'])
  expect(await damageOf(`"${'x'.repeat(lineBytesMax)}"`)).toEqual(['1 too_long'])
  expect(await damageOf('', '  ', '\u0000\u0000')).toEqual(['3 not_json'])
})

test('only so many places are told one by one; all are counted', async () => {
  const reading = logOf(Array.from({ length: damageToldMax + 3 }, () => 'x'))
  expect(await all(reading.events())).toEqual([])
  expect(reading.tally.damage).toHaveLength(damageToldMax)
  expect(reading.tally.damagedLines).toBe(damageToldMax + 3)
})

test('an event that was delivered twice is told once', async () => {
  const reading = logOf([whole, event('token.revoked', 2), whole])
  expect((await all(reading.events())).flat()).toHaveLength(2)
  expect(reading.tally).toMatchObject({ events: 2, repeated: 1, damagedLines: 0 })
})

test('what an event does not have by its definition is not passed on', async () => {
  const reading = logOf([JSON.stringify({ ...whole, token: '0c5e1a8e-6f0d-4f6c-9d0e-4b8e0f1c2d3a' })])
  expect((await all(reading.events())).flat()).toEqual([whole])
})

test('bytes that are no text, a line without its end and a gzip without its end are damage, and other files are read', async () => {
  await using place = await createTempFolder('log-reading')
  const line = `${JSON.stringify(whole)}\n`
  const file = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(place.path, name), bytes)
    return join(place.path, name)
  }
  const latin = await file('latin', Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(line)]))
  const half = await file('half', Buffer.from(line.slice(0, 30)))
  const many = Array.from({ length: 20_000 }, (_, at) => `${JSON.stringify(event('token.revoked', at))}\n`).join('')
  const packed = gzipSync(many)
  const cut = await file('cut', packed.subarray(0, packed.length / 2))
  const last = await file('last', Buffer.from(line.trimEnd()))
  const reading = await openLog(latin, half, cut, last)
  const events = (await all(reading.events())).flat()
  expect(events.length).toBeGreaterThan(5_000)
  expect(reading.tally.damage.map(({ file: name, why }) => [name, why])).toEqual([
    [latin, 'not_utf8'],
    [half, 'cut_short'],
    [cut, 'rest_missing'],
  ])
  expect(reading.tally).toMatchObject({ files: 4, repeated: 1 })
})

test('a log that is packed by another program is refused, with the way to read it', async () => {
  await using place = await createTempFolder('log-reading')
  const path = join(place.path, 'audit.zst')
  await writeFile(path, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]))
  await expect(all((await openLog(path)).events())).rejects.toThrow('is compressed by zstd; unpack it first')
})

test('lines are found whatever the pieces are that they come in', async () => {
  const events = Array.from({ length: 50 }, (_, at) => event('token.revoked', at, { userId: `Zoë ${at}` }))
  const bytes = Buffer.from(events.map((one) => `${JSON.stringify(one)}\r\n`).join(''))
  for (const size of [1, 7, 64, 1000]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    expect((await all(piecesOf(pieces).events())).flat()).toEqual(events)
  }
})

test('an event that two services have in their folders is told once, however much lies between in each', async () => {
  await using place = await createTempFolder('log-reading')
  const folders = [join(place.path, 'one'), join(place.path, 'other')]
  const events = Array.from({ length: 250_000 }, (_, at) => event('token.revoked', at / 10))
  const lines = events.map((one) => `${JSON.stringify(one)}\n`).join('')
  for (const folder of folders) {
    await mkdir(folder)
    await writeFile(join(folder, 'audit-2026-11-25.ndjson'), lines)
  }
  const reading = await openLog(...folders)
  let told = 0
  for await (const batch of reading.events()) told += batch.length
  expect([told, reading.tally.repeated]).toEqual([250_000, 250_000])
}, 60_000)

test('rotations of a day are told one after the other, oldest first, though they are long', async () => {
  await using place = await createTempFolder('log-reading')
  const events = Array.from({ length: 9_000 }, (_, at) => event('token.revoked', at))
  const file = (name: string, from: number, to: number) =>
    writeFile(
      join(place.path, name),
      events.slice(from, to).map((one) => `${JSON.stringify(one)}\n`),
    )
  await file('audit-2026-11-25.ndjson.2', 0, 3_000)
  await file('audit-2026-11-25.ndjson.1', 3_000, 6_000)
  await file('audit-2026-11-25.ndjson', 6_000, 9_000)
  expect((await all((await openLog(place.path)).events())).flat()).toEqual(events)
})
