import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPassword, readTls } from '../../src/app/secret-files.ts'
import { createTempFolder } from '../support/temp-folder.ts'

const refusedWith = (text: string) =>
  expect.objectContaining({ code: 'config.invalid', message: `The configuration is not valid:\n  ${text}` })

test('a password is the text itself, or that of a file without its end of line', async () => {
  await using folder = await createTempFolder('secrets')
  const file = (name: string) => join(folder.path, name)
  await writeFile(file('unix'), 'a b \n')
  await writeFile(file('windows'), 'a b \r\n')
  await writeFile(file('empty'), '\n')
  expect(await readPassword({}, '/at')).toEqual({})
  expect(await readPassword({ password: 'a b ' }, '/at')).toEqual({ password: 'a b ' })
  expect(await readPassword({ passwordFile: file('unix') }, '/at')).toEqual({ password: 'a b ' })
  expect(await readPassword({ passwordFile: file('windows') }, '/at')).toEqual({ password: 'a b ' })
  await expect(readPassword({ passwordFile: file('empty') }, '/at')).rejects.toEqual(
    refusedWith('/at/passwordFile: the file is empty'),
  )
  await expect(readPassword({ passwordFile: file('none') }, '/at')).rejects.toEqual(
    refusedWith('/at/passwordFile: the file cannot be read'),
  )
})

test('certificates are files of PEM, and anything else is refused with its place, not its path', async () => {
  await using folder = await createTempFolder('secrets')
  const file = (name: string) => join(folder.path, name)
  const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'
  await writeFile(file('ca'), pem)
  await writeFile(file('der'), Buffer.from([0x30, 0x82]))
  expect(await readTls({}, '/bus/ssl')).toEqual({})
  expect(await readTls({ ca: file('ca'), servername: 'x' }, '/bus/ssl')).toEqual({ ca: pem, servername: 'x' })
  await expect(readTls({ cert: file('der') }, '/bus/ssl')).rejects.toEqual(
    refusedWith('/bus/ssl/cert: the file holds no PEM'),
  )
  await expect(readTls({ key: file('none') }, '/bus/ssl')).rejects.toEqual(
    refusedWith('/bus/ssl/key: the file cannot be read'),
  )
})
