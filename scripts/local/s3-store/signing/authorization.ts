import { authorizationParameters, getParameter, type S3Request } from '../http/parse-request.ts'
import { S3Error } from '../http/s3-error.ts'
import type { CredentialScope } from './signature.ts'

export type Authorization = {
  kind: 'header' | 'query'
  accessKeyId: string
  scope: CredentialScope
  signedHeaders: string[]
  signature: string
  /** `YYYYMMDDTHHMMSSZ`, as sent. */
  timestamp: string
  signedAt: Date
  /** Only in a presigned URL. */
  expiresInSeconds?: number
}

const presignedSecondsMax = 604_800

/** Creates the error for a malformed authorization, whose code differs between header and query. */
export const malformed = (kind: Authorization['kind'], message: string, fields?: Record<string, string>) =>
  kind === 'header'
    ? new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${message}`, { fields })
    : new S3Error('AuthorizationQueryParametersError', message, { fields })

function parseTimestamp(timestamp: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function parseCredential(kind: Authorization['kind'], credential: string) {
  // The access key id may contain a slash, the four parts of the scope cannot.
  const parts = credential.split('/')
  const [date = '', region = '', service = '', terminator] = parts.slice(-4)
  if (parts.length < 5 || terminator !== 'aws4_request')
    throw malformed(kind, 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
  return { accessKeyId: parts.slice(0, -4).join('/'), scope: { date, region, service } }
}

function parseSignedHeaders(kind: Authorization['kind'], list: string): string[] {
  const names = list.split(';')
  const sorted = [...new Set(names)].sort()
  if (!names.includes('host')) throw malformed(kind, 'SignedHeaders must contain "host".')
  if (names.join() !== sorted.join() || list !== list.toLowerCase())
    throw malformed(kind, 'SignedHeaders must be in lower case, sorted, and without repetition.')
  return names
}

function parseHeaderForm(request: S3Request, header: string): Authorization {
  const [algorithm, ...rest] = header.split(' ')
  if (algorithm !== 'AWS4-HMAC-SHA256')
    throw new S3Error(
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    )
  const parts = rest.join('').split(',')
  const find = (name: string) => {
    const values = parts.filter((part) => part.startsWith(`${name}=`))
    if (values.length !== 1 || !values[0]) throw malformed('header', `expecting exactly one "${name}".`)
    return values[0].slice(name.length + 1)
  }
  const timestamp = request.headers.get('x-amz-date') ?? ''
  const signedAt = parseTimestamp(timestamp)
  if (!signedAt) throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header')
  return {
    kind: 'header',
    ...parseCredential('header', find('Credential')),
    signedHeaders: parseSignedHeaders('header', find('SignedHeaders')),
    signature: find('Signature'),
    timestamp,
    signedAt,
  }
}

function parseQueryForm(request: S3Request): Authorization {
  const find = (name: string) => {
    const values = request.query.filter(([parameter]) => parameter === name)
    if (values.length !== 1 || !values[0])
      throw malformed(
        'query',
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
          'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      )
    return values[0][1]
  }
  if (find('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256')
    throw malformed('query', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
  const expires = find('X-Amz-Expires')
  const expiresInSeconds = Number(expires)
  if (!/^\d{1,9}$/.test(expires) || expiresInSeconds < 1 || expiresInSeconds > presignedSecondsMax)
    throw malformed('query', `X-Amz-Expires must be a whole number from 1 to ${presignedSecondsMax} seconds`)
  const timestamp = find('X-Amz-Date')
  const signedAt = parseTimestamp(timestamp)
  if (!signedAt) throw malformed('query', "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  return {
    kind: 'query',
    ...parseCredential('query', find('X-Amz-Credential')),
    signedHeaders: parseSignedHeaders('query', find('X-Amz-SignedHeaders')),
    signature: find('X-Amz-Signature'),
    timestamp,
    signedAt,
    expiresInSeconds,
  }
}

/** Parses the authorization without verifying it. Throws for an anonymous request. */
export function parseAuthorization(request: S3Request): Authorization {
  const header = request.headers.get('authorization')
  const presigned = request.query.some(([name]) => authorizationParameters.has(name))
  if (header !== undefined && presigned)
    throw new S3Error(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter ' +
        'or the Authorization header should be specified',
    )
  if (header === undefined && !presigned) throw new S3Error('AccessDenied', 'Access Denied')
  const hasToken =
    request.headers.has('x-amz-security-token') || getParameter(request, 'X-Amz-Security-Token') !== undefined
  if (hasToken) throw new S3Error('InvalidToken', 'The provided token is malformed or otherwise invalid.')
  return header === undefined ? parseQueryForm(request) : parseHeaderForm(request, header)
}
