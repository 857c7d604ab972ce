import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createCertificateAuthority } from './certificates.ts'

test('a certificate is signed by its authority, for its names, and belongs to its key', () => {
  const authority = createCertificateAuthority()
  const { cert, key } = authority.issue('server', ['localhost', '127.0.0.1'])
  const certificate = new X509Certificate(cert)
  const ca = new X509Certificate(authority.ca)
  expect(ca.ca).toBe(true)
  expect(certificate.checkIssued(ca)).toBe(true)
  expect(certificate.verify(ca.publicKey)).toBe(true)
  expect(certificate.verify(new X509Certificate(createCertificateAuthority().ca).publicKey)).toBe(false)
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect([certificate.subject, certificate.checkHost('localhost'), certificate.checkIP('127.0.0.1')]).toEqual([
    'CN=server',
    'localhost',
    '127.0.0.1',
  ])
  expect(certificate.checkHost('example.com')).toBeUndefined()
})
