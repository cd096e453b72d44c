/** The place of an analysis in the history of a person, newest first. */
export type Position = {
  /** Microseconds since 1970, the precision of PostgreSQL. */
  analyzedAtUs: string
  jobId: string
}
