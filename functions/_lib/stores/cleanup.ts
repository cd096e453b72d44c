/** How many things went, by what they are. */
export type Removed = Record<string, number>

/** What one batch has removed, or would remove in a dry run, and from where the next goes on; undefined after the last. */
export type CleanupBatch = { removed: Removed; next: string | undefined }

/** Work of a domain that removes what is beyond its time, in bounded batches. Safe to repeat, and to run twice at once. */
export type CleanupStep = {
  name: string
  /** One batch, from where the last one ended. A dry run counts and changes nothing. */
  run: (from: string | undefined, dryRun: boolean) => Promise<CleanupBatch>
}
