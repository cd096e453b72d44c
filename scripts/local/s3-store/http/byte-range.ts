import { S3Error } from './s3-error.ts'

/** Both ends are inclusive. */
export type ByteRange = { start: number; end: number }

/**
 * Parses the one requested range; undefined for the whole object: a header that is not one well-formed range is ignored
 * (RFC 9110 section 14.2), as S3 does.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const range =
    first === ''
      ? { start: Math.max(sizeBytes - Number(last), 0), end: sizeBytes - 1 }
      : { start: Number(first), end: Math.min(last === '' ? Number.POSITIVE_INFINITY : Number(last), sizeBytes - 1) }
  if (range.start >= sizeBytes || range.end < range.start)
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
      fields: { RangeRequested: header ?? '', ActualObjectSize: String(sizeBytes) },
      headers: { 'content-range': `bytes */${sizeBytes}` },
    })
  return range
}
