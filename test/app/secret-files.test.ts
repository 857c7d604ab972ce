import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPassword, readTls } from '../../src/app/secret-files.ts'
import { createCertificateAuthority } from '../support/certificates.ts'
import { createTempFolder } from '../support/temp-folder.ts'

/** Of a file that is not written. */
const missing = ''

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

describe('certificates', () => {
  const ours = createCertificateAuthority()
  const { cert, key } = ours.issue('portcullis', ['portcullis'])
  const damaged = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'

  async function read(contents: Readonly<Partial<Record<'ca' | 'cert' | 'key', string>>>) {
    await using folder = await createTempFolder('secrets')
    const files: Record<string, string> = {}
    for (const [name, content] of Object.entries(contents)) {
      files[name] = join(folder.path, name)
      if (content !== missing) await writeFile(files[name], content)
    }
    return await readTls({ ...files, servername: 'x' }, '/bus/ssl')
  }

  test('are read from files, several in one, or one with its key', async () => {
    const all = { ca: `The authorities\n${ours.ca}${createCertificateAuthority().ca}`, cert: cert + key, key }
    expect(await read(all)).toEqual({ ...all, servername: 'x' })
    expect(await readTls({}, '/bus/ssl')).toEqual({})
  })

  test.each([
    ['cert that is not there', { cert: missing }, 'cert: the file cannot be read'],
    ['key that is not there', { key: missing }, 'key: the file cannot be read'],
    ['cert in DER', { cert: '0\u0082' }, 'cert: the file holds no PEM'],
    ['damaged ca', { ca: ours.ca + damaged }, 'ca: the file holds no certificate, or a damaged one'],
    ['key as ca', { ca: key }, 'ca: the file holds no certificate, or a damaged one'],
    ['key of another', { cert, key: ours.issue('y', []).key }, 'key: the file holds no key,'],
    ['damaged key', { cert, key: key.replace(/\n.{9}/u, '\n') }, 'key: the file holds no key,'],
  ])('of a %s are refused with the place, neither a path nor a content', async (_, contents, why) => {
    await expect(read(contents)).rejects.toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        message: expect.stringMatching(new RegExp(`^The configuration is not valid:\n  /bus/ssl/${why}[a-z, ]*$`, 'u')),
      }),
    )
  })
})
