import { expect, test } from 'vitest'
import { signatures } from './aws-signature.ts'

const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const common = {
  host: 'examplebucket.s3.amazonaws.com',
  'x-amz-content-sha256': empty,
  'x-amz-date': '20130524T000000Z',
}
const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`
const secretOf = () => 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

// the examples of the Amazon S3 API reference, "Authorization Header"
test.each([
  {
    target: '/test.txt',
    headers: { ...common, range: 'bytes=0-9' },
    signed: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    target: '/?max-keys=2&prefix=J',
    headers: common,
    signed: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
])('finds the published signature of $target', ({ target, headers, signed, signature }) => {
  const request = { method: 'GET', target, headers: { ...headers, authorization: authorization(signed, signature) } }
  expect(signatures(request, secretOf)).toEqual({ expected: signature, found: signature })
})

test('finds another signature for another target, and none where none is', () => {
  const signed = authorization('host;x-amz-content-sha256;x-amz-date', 'f'.repeat(64))
  const { expected, found } = signatures(
    { method: 'GET', target: '/other', headers: { ...common, authorization: signed } },
    secretOf,
  )!
  expect(expected).not.toBe(found)
  expect(signatures({ method: 'GET', target: '/', headers: common }, secretOf)).toBeUndefined()
})
