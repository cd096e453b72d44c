import { S3Error } from '../http/s3-error.ts'

export type ListQuery = { prefix: string; delimiter: string; startAfter: string; token?: string; entriesMax: number }
export type ListPage = { keys: string[]; commonPrefixes: string[]; nextToken?: string }

type Position = { key: string } | { commonPrefix: string }

const encodeToken = (position: Position) => Buffer.from(JSON.stringify(position)).toString('base64url')

function decodeToken(token: string): Position {
  try {
    const position: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (typeof position === 'object' && position && 'key' in position && typeof position.key === 'string')
      return { key: position.key }
    if (
      typeof position === 'object' &&
      position &&
      'commonPrefix' in position &&
      typeof position.commonPrefix === 'string'
    )
      return { commonPrefix: position.commonPrefix }
  } catch {
    // Refused below, like every other invalid token.
  }
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
    fields: { ArgumentName: 'continuation-token' },
  })
}

const isAfter = (key: string, other: string) => Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0

/** Returns one page of ListObjectsV2 over keys in S3 order; a common prefix counts as one entry. */
export function listPage(sortedKeys: string[], query: ListQuery): ListPage {
  const { prefix, delimiter, startAfter, token, entriesMax } = query
  const position = token === undefined ? { key: startAfter } : decodeToken(token)
  const isRemaining = (key: string) =>
    'key' in position
      ? position.key === '' || isAfter(key, position.key)
      : isAfter(key, position.commonPrefix) && !key.startsWith(position.commonPrefix)
  const page: ListPage = { keys: [], commonPrefixes: [] }
  let last: Position | undefined
  for (const key of sortedKeys) {
    if (!key.startsWith(prefix) || !isRemaining(key)) continue
    const delimiterAt = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const commonPrefix = delimiterAt < 0 ? undefined : key.slice(0, delimiterAt + delimiter.length)
    if (commonPrefix !== undefined && commonPrefix === page.commonPrefixes.at(-1)) continue
    if (page.keys.length + page.commonPrefixes.length === entriesMax)
      return last ? { ...page, nextToken: encodeToken(last) } : page
    if (commonPrefix === undefined) page.keys.push(key)
    else page.commonPrefixes.push(commonPrefix)
    last = commonPrefix === undefined ? { key } : { commonPrefix }
  }
  return page
}
