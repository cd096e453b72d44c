/** Numbers of removed things, by kind. */
export type Removed = Record<string, number>

/** What one batch has removed, or would remove in a dry run, and the position of the next batch; undefined after the last. */
export type CleanupBatch = { removed: Removed; next: string | undefined }

/** Removes expired data of a domain in bounded batches. Idempotent, and safe to run concurrently. */
export type CleanupStep = {
  name: string
  /** Runs one batch from the position where the last one ended. A dry run only counts. */
  run: (from: string | undefined, dryRun: boolean) => Promise<CleanupBatch>
}
