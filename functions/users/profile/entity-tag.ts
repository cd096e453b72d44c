import type { ExpectedVersions } from '../versioned.ts'

/** A strong entity tag (RFC 9110, 8.8.3). */
export const renderEntityTag = (version: number): string => `"${version}"`

const entityTag = /^"([0-9]{1,9})"$/

/**
 * The versions that an `If-Match` header allows (RFC 9110, 13.1.1). Without the header any; weak and foreign tags match none,
 * since the comparison is the strong one.
 */
export function parseIfMatch(header: string | undefined): ExpectedVersions {
  if (header === undefined || header.trim() === '*') return 'any'
  return header
    .split(',')
    .map((tag) => entityTag.exec(tag.trim())?.[1])
    .filter((version) => version !== undefined)
    .map(Number)
}
