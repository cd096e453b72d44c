import { createHash, createHmac } from 'node:crypto'
import type { S3Request } from '../http/parse-request.ts'

export type CredentialScope = { date: string; region: string; service: string }

/** Percent-encodes everything but unreserved characters (RFC 3986), as SigV4 requires. */
export const encodeUri = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** Encoded once: unlike other services, S3 neither encodes twice nor removes dot segments. */
export const encodePath = (path: string) => path.split('/').map(encodeUri).join('/')

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

const canonicalQuery = (query: S3Request['query']) =>
  query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeUri(name), encodeUri(value)] as const)
    .sort((left, right) => compare(left[0], right[0]) || compare(left[1], right[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

export function buildCanonicalRequest(request: S3Request, signedHeaders: string[], payloadHash: string): string {
  const headerLines = signedHeaders.map((name) => {
    const value = request.headers.get(name) ?? ''
    return `${name}:${value.trim().replace(/ +/g, ' ')}\n`
  })
  return [
    request.method,
    encodePath(request.path),
    canonicalQuery(request.query),
    headerLines.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
}

export function buildStringToSign(timestamp: string, scope: CredentialScope, canonicalRequest: string): string {
  // Node.js decodes header bytes as Latin-1; this restores the bytes that were sent.
  const digest = createHash('sha256').update(canonicalRequest, 'latin1').digest('hex')
  return `AWS4-HMAC-SHA256\n${timestamp}\n${scope.date}/${scope.region}/${scope.service}/aws4_request\n${digest}`
}

/** Lower-case hexadecimal SigV4 signature. */
export function computeSignature(secretAccessKey: string, scope: CredentialScope, stringToSign: string): string {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const dateKey = hmac(`AWS4${secretAccessKey}`, scope.date)
  const serviceKey = hmac(hmac(dateKey, scope.region), scope.service)
  return hmac(hmac(serviceKey, 'aws4_request'), stringToSign).toString('hex')
}
