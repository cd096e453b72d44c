import type { ObjectRecord } from '../storage/object-file.ts'
import { S3Error } from './s3-error.ts'

type Headers = ReadonlyMap<string, string>

const failed = (condition: string) =>
  new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    fields: { Condition: condition },
  })

const matches = (list: string, etag: string) =>
  list.split(',').some((entry) =>
    ['*', etag].includes(
      entry
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    ),
  )

const parseTime = (value: string | undefined) => {
  const timeMs = Date.parse(value ?? '')
  return Number.isNaN(timeMs) ? undefined : timeMs
}

/** Evaluates the read conditions in the order of RFC 9110 section 13.2.2. */
export function evaluateReadConditions(headers: Headers, record: ObjectRecord): 'proceed' | 'not_modified' {
  const ifMatch = headers.get('if-match')
  const ifNoneMatch = headers.get('if-none-match')
  const unmodifiedSinceMs = parseTime(headers.get('if-unmodified-since'))
  const modifiedSinceMs = parseTime(headers.get('if-modified-since'))
  const modifiedMs = record.lastModified.getTime()
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, record.etag)) throw failed('If-Match')
  } else if (unmodifiedSinceMs !== undefined && modifiedMs > unmodifiedSinceMs) throw failed('If-Unmodified-Since')
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, record.etag) ? 'not_modified' : 'proceed'
  return modifiedSinceMs !== undefined && modifiedMs <= modifiedSinceMs ? 'not_modified' : 'proceed'
}

/** Checks `If-None-Match: *` and `If-Match: <etag>` of a write or deletion. */
export function checkWriteConditions(headers: Headers, key: string, existing: ObjectRecord | undefined): void {
  const ifMatch = headers.get('if-match')
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw new S3Error('NotImplemented', 'A header you provided implies functionality that is not implemented', {
      fields: { Header: 'If-None-Match' },
    })
  if (ifNoneMatch !== undefined && existing) throw failed('If-None-Match')
  if (ifMatch === undefined) return
  if (!existing) throw new S3Error('NoSuchKey', 'The specified key does not exist.', { fields: { Key: key } })
  if (!matches(ifMatch, existing.etag)) throw failed('If-Match')
}

/** Checks `x-amz-copy-source-if-match` and `-if-none-match`. */
export function checkCopyConditions(headers: Headers, source: ObjectRecord): void {
  const ifMatch = headers.get('x-amz-copy-source-if-match')
  const ifNoneMatch = headers.get('x-amz-copy-source-if-none-match')
  if (ifMatch !== undefined && !matches(ifMatch, source.etag)) throw failed('x-amz-copy-source-If-Match')
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, source.etag)) throw failed('x-amz-copy-source-If-None-Match')
}
