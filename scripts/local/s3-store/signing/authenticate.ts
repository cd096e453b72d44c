import { timingSafeEqual } from 'node:crypto'
import type { S3Request } from '../http/parse-request.ts'
import { S3Error } from '../http/s3-error.ts'
import { type Authorization, malformed, parseAuthorization } from './authorization.ts'
import { buildCanonicalRequest, buildStringToSign, computeSignature } from './signature.ts'

export type Credentials = { accessKeyId: string; secretAccessKey: string }
export type AuthenticateDeps = { region: string; credentials: Credentials; now: () => Date }

const clockSkewMsMax = 15 * 60_000
const formatTime = (date: Date) => date.toISOString().replace(/\.\d{3}Z$/, 'Z')

function isEqual(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)]
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes)
}

function checkScope({ kind, scope, timestamp }: Authorization, region: string) {
  if (scope.date !== timestamp.slice(0, 8))
    throw malformed(kind, `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date.`)
  if (scope.region !== region)
    throw malformed(kind, `the region '${scope.region}' is wrong; expecting '${region}'`, { Region: region })
  if (scope.service !== 's3')
    throw malformed(kind, `incorrect service "${scope.service}". This endpoint belongs to "s3".`)
}

function checkTime({ kind, signedAt, timestamp, expiresInSeconds = 0 }: Authorization, now: Date) {
  const ageMs = now.getTime() - signedAt.getTime()
  if (kind === 'header') {
    if (Math.abs(ageMs) <= clockSkewMsMax) return
    throw new S3Error(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        fields: {
          RequestTime: timestamp,
          ServerTime: formatTime(now),
          MaxAllowedSkewMilliseconds: String(clockSkewMsMax),
        },
      },
    )
  }
  if (ageMs < -clockSkewMsMax) throw new S3Error('AccessDenied', 'Request is not yet valid')
  const expiresAt = new Date(signedAt.getTime() + expiresInSeconds * 1000)
  if (now >= expiresAt)
    throw new S3Error('AccessDenied', 'Request has expired', {
      fields: {
        'X-Amz-Expires': String(expiresInSeconds),
        Expires: formatTime(expiresAt),
        ServerTime: formatTime(now),
      },
    })
}

function checkHeadersSigned(request: S3Request, signedHeaders: string[]) {
  const unsigned = [...request.headers.keys()].filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name),
  )
  if (unsigned.length > 0)
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      fields: { HeadersNotSigned: unsigned.join(', ') },
    })
}

function getPayloadHash(request: S3Request, kind: Authorization['kind']): string {
  const hash = request.effectiveHeaders.get('x-amz-content-sha256')
  if (hash === undefined) {
    if (kind === 'query') return 'UNSIGNED-PAYLOAD'
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
  }
  if (/^STREAMING-AWS4-|^STREAMING-.*ECDSA/.test(hash))
    throw new S3Error('NotImplemented', `The payload signing "${hash}" is not implemented.`)
  if (/^[0-9a-f]{64}$/.test(hash) || hash === 'UNSIGNED-PAYLOAD' || hash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    return hash
  throw new S3Error(
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.',
  )
}

/**
 * Verifies that the holder of the secret key signed exactly this method, path, query and these headers, for the current time.
 * Returns the value of x-amz-content-sha256, which the body still has to match.
 */
export function authenticate({ region, credentials, now }: AuthenticateDeps, request: S3Request): string {
  const authorization = parseAuthorization(request)
  const { kind, accessKeyId, scope, signedHeaders, timestamp, signature } = authorization
  if (!isEqual(accessKeyId, credentials.accessKeyId))
    throw new S3Error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
      fields: { AWSAccessKeyId: accessKeyId },
    })
  checkScope(authorization, region)
  checkTime(authorization, now())
  checkHeadersSigned(request, signedHeaders)
  const payloadHash = getPayloadHash(request, kind)
  const canonicalRequest = buildCanonicalRequest(request, signedHeaders, payloadHash)
  const stringToSign = buildStringToSign(timestamp, scope, canonicalRequest)
  if (!isEqual(signature, computeSignature(credentials.secretAccessKey, scope, stringToSign)))
    throw new S3Error(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      {
        fields: {
          AWSAccessKeyId: accessKeyId,
          StringToSign: stringToSign,
          SignatureProvided: signature,
          CanonicalRequest: canonicalRequest,
        },
      },
    )
  return payloadHash
}
