import { type SQL, sql } from 'drizzle-orm'
import type { ExpectedVersions } from '../versioned.ts'

/** As one parameter: null stands for any version. */
export const toVersionArray = (expected: ExpectedVersions): SQL =>
  sql`${expected === 'any' ? null : `{${expected.join(',')}}`}`
