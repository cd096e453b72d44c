import * as z from 'zod'

/** What a clean-up is told; both clean-ups are told the same. */
export const cleanupOrderSchema = z.object({
  /** Report what would be removed, and remove nothing. */
  dry_run: z.boolean(),
  /** Where an earlier turn of the run has ended; left out to begin a run. */
  continues: z
    .object({
      run_id: z.uuid(),
      turn: z.int().min(2).max(100_000),
      /** Steps that are not done yet, each with the place from which it goes on. */
      positions: z.record(z.string().max(64), z.string().max(128)),
    })
    .optional(),
})

export type CleanupOrder = z.infer<typeof cleanupOrderSchema>
