import { expect, test } from 'vitest'
import { parseRequest } from '../http/parse-request.ts'
import { authenticate } from './authenticate.ts'

// The worked examples of the Amazon S3 API reference, "Signature calculations for the Authorization header" and
// "Authenticating requests: using query parameters". Their signatures were computed by AWS, not by this code.
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const host = 'examplebucket.s3.amazonaws.com'
const date = '20130524T000000Z'
const scope = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const bodyHash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'

const check = (method: string, url: string, headers: Record<string, string>, timeMs = Date.UTC(2013, 4, 24)) =>
  authenticate(
    { region: 'us-east-1', credentials, now: () => new Date(timeMs) },
    parseRequest({ method, url, rawHeaders: Object.entries({ Host: host, ...headers }).flat() }),
  )
const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=${signedHeaders},Signature=${signature}`

type Example = {
  title: string
  method: string
  url: string
  headers: Record<string, string>
  signedHeaders: string
  signature: string
}
const examples: Example[] = [
  {
    title: 'GET with a range',
    method: 'GET',
    url: '/test.txt',
    headers: { Range: 'bytes=0-9', 'x-amz-content-sha256': emptyHash, 'x-amz-date': date },
    signedHeaders: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    title: 'PUT of a key with a reserved character',
    method: 'PUT',
    url: '/test$file.text',
    headers: {
      Date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-date': date,
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': bodyHash,
    },
    signedHeaders: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    title: 'GET of a sub-resource without a value',
    method: 'GET',
    url: '/?lifecycle',
    headers: { 'x-amz-date': date, 'x-amz-content-sha256': emptyHash },
    signedHeaders: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    title: 'GET of a list, whose query is sorted for signing',
    method: 'GET',
    url: '/?prefix=J&max-keys=2',
    headers: { 'x-amz-date': date, 'x-amz-content-sha256': emptyHash },
    signedHeaders: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
]

test.each(examples)('accepts the published example: $title', ({ method, url, headers, signedHeaders, signature }) => {
  const sent = { ...headers, Authorization: authorization(signedHeaders, signature) }
  expect(check(method, url, sent)).toBe(headers['x-amz-content-sha256'])
  const forgery = signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
  const forged = { ...sent, Authorization: authorization(signedHeaders, forgery) }
  expect(() => check(method, url, forged)).toThrow(expect.objectContaining({ code: 'SignatureDoesNotMatch' }))
})

const presigned =
  `/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}&X-Amz-Date=${date}` +
  '&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
  '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'

test('accepts the published presigned example until its last second, and not after', () => {
  expect(check('GET', presigned, {})).toBe('UNSIGNED-PAYLOAD')
  const lastMs = Date.UTC(2013, 4, 25) - 1
  expect(check('GET', presigned, {}, lastMs)).toBe('UNSIGNED-PAYLOAD')
  expect(() => check('GET', presigned, {}, lastMs + 1)).toThrow(
    expect.objectContaining({ code: 'AccessDenied', message: 'Request has expired' }),
  )
})

test.each([
  ['0', '0'],
  ['604801', 'more than a week'],
  ['-1', 'negative'],
  ['1e3', 'not in digits'],
])('refuses an X-Amz-Expires of %s (%s)', (expires) => {
  const url = presigned.replace('X-Amz-Expires=86400', `X-Amz-Expires=${expires}`)
  expect(() => check('GET', url, {})).toThrow(expect.objectContaining({ code: 'AuthorizationQueryParametersError' }))
})

test.each([
  ['a repeated parameter', `${presigned}&X-Amz-Expires=1`, {}, 'AuthorizationQueryParametersError'],
  ['a missing parameter', presigned.replace(/&X-Amz-Date=\w+/, ''), {}, 'AuthorizationQueryParametersError'],
  ['a host that is not signed', presigned.replace('=host', '=range'), {}, 'AuthorizationQueryParametersError'],
  ['another service', presigned.replace('%2Fs3%2F', '%2Fsqs%2F'), {}, 'AuthorizationQueryParametersError'],
  [
    'another day in the scope',
    presigned.replace('%2F20130524', '%2F20130523'),
    {},
    'AuthorizationQueryParametersError',
  ],
  ['both forms at once', presigned, { Authorization: authorization('host', '0') }, 'InvalidArgument'],
  ['an x-amz header that is not signed', presigned, { 'x-amz-meta-a': '1' }, 'AccessDenied'],
  ['a session token', `${presigned}&X-Amz-Security-Token=t`, {}, 'InvalidToken'],
  ['an older signature version', '/test.txt', { Authorization: 'AWS key:signature' }, 'InvalidRequest'],
  ['an anonymous request', '/test.txt', {}, 'AccessDenied'],
])('refuses %s', (_, url, headers, code) => {
  expect(() => check('GET', url, headers)).toThrow(expect.objectContaining({ code }))
})

test('refuses a presigned URL dated more than 15 minutes in the future', () => {
  const timeMs = Date.UTC(2013, 4, 24) - 15 * 60_000
  expect(check('GET', presigned, {}, timeMs)).toBe('UNSIGNED-PAYLOAD')
  expect(() => check('GET', presigned, {}, timeMs - 1)).toThrow(expect.objectContaining({ code: 'AccessDenied' }))
})
