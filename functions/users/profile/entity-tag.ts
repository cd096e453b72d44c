import type { ExpectedVersions } from '../versioned.ts'

/** Formats a version as a strong entity tag (RFC 9110, 8.8.3). */
export const renderEntityTag = (version: number): string => `"${version}"`

const entityTag = /^"([0-9]{1,9})"$/

/**
 * Parses the versions that an `If-Match` header allows (RFC 9110, 13.1.1); without the header, any. Weak and malformed tags match
 * none, since the comparison is the strong one.
 */
export function parseIfMatch(header: string | undefined): ExpectedVersions {
  if (header === undefined || header.trim() === '*') return 'any'
  return header
    .split(',')
    .map((tag) => entityTag.exec(tag.trim())?.[1])
    .filter((version) => version !== undefined)
    .map(Number)
}
