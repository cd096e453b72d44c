import { eq } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'
import { results } from '../schema.ts'

/** Notes with the result where the picture without metadata is kept. */
export function createPhotoRecorder(database: Database) {
  return async (jobId: string, photoKey: string): Promise<void> => {
    await database.run((db) => db.update(results).set({ photoKey }).where(eq(results.jobId, jobId)))
  }
}
