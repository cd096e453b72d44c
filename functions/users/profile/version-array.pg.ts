import { type SQL, sql } from 'drizzle-orm'
import type { ExpectedVersions } from '../versioned.ts'

/** The expected versions as one SQL parameter; null for any version. */
export const toVersionArray = (expected: ExpectedVersions): SQL =>
  sql`${expected === 'any' ? null : `{${expected.join(',')}}`}`
