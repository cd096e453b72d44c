import type { IncomingMessage } from 'node:http'
import { S3Error } from './s3-error.ts'

export type S3Request = {
  method: string
  /** Percent-decoded once. */
  path: string
  /** Percent-decoded, in the order sent. */
  query: [name: string, value: string][]
  /** Headers as sent: names in lower case, repeated ones joined by a comma. */
  headers: Map<string, string>
  /** `headers`, and the x-amz-* headers that a presigned URL has in its query. */
  effectiveHeaders: Map<string, string>
}

export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>

export const authorizationParameters: ReadonlySet<string> = new Set([
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
  'X-Amz-Security-Token',
])

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.")
  }
}

function parseQuery(source: string): S3Request['query'] {
  const pairs = source.split('&').filter((pair) => pair !== '')
  return pairs.map((pair) => {
    const [name = '', ...value] = pair.replaceAll('+', ' ').split('=')
    return [decode(name), decode(value.join('='))]
  })
}

function parseHeaders(rawHeaders: string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = (rawHeaders[index + 1] ?? '').trim()
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return headers
}

function withHoistedHeaders(headers: Map<string, string>, query: S3Request['query']): Map<string, string> {
  if (!query.some(([name]) => name === 'X-Amz-Signature')) return headers
  const effective = new Map(headers)
  for (const [parameter, value] of query) {
    const name = parameter.toLowerCase()
    if (!name.startsWith('x-amz-') || authorizationParameters.has(parameter)) continue
    if ((effective.get(name) ?? value) !== value)
      throw new S3Error('InvalidRequest', `The header and the query parameter "${name}" differ.`)
    effective.set(name, value)
  }
  return effective
}

export function parseRequest(head: RequestHead): S3Request {
  const [rawPath = '', ...rest] = (head.url ?? '/').split('?')
  const headers = parseHeaders(head.rawHeaders)
  const query = parseQuery(rest.join('?'))
  return {
    method: head.method ?? '',
    // A proxy-style request line contains the absolute URL.
    path: decode(rawPath.replace(/^https?:\/\/[^/]*/i, '') || '/'),
    query,
    headers,
    effectiveHeaders: withHoistedHeaders(headers, query),
  }
}

export function getParameter(request: S3Request, name: string): string | undefined {
  return request.query.find(([parameter]) => parameter === name)?.[1]
}
