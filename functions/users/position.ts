/** The place of an analysis among those of a person, the newest first. */
export type Position = {
  /** Microseconds since 1970, as exact as PostgreSQL keeps time. */
  analyzedAtUs: string
  jobId: string
}
