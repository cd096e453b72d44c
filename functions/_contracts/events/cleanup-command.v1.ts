import * as z from 'zod'

/** The data of the commands for both clean-ups. */
export const cleanupCommandSchema = z.object({
  /** Report what would be removed, and remove nothing. */
  dry_run: z.boolean(),
  /** Where the previous turn of the run ended; absent in the first turn. */
  continues: z
    .object({
      run_id: z.uuid(),
      turn: z.int().min(2).max(100_000),
      /** Unfinished steps, each with the position from which it continues. */
      positions: z.record(z.string().max(64), z.string().max(128)),
    })
    .optional(),
})

export type CleanupCommand = z.infer<typeof cleanupCommandSchema>
