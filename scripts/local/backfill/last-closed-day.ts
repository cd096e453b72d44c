import { addDays } from '../../../functions/jobs/batch-aggregate/periods.ts'

// As in the function: analyses may end late by the duration of a transaction.
const marginMs = 15 * 60_000
// All year round.
const seoulOffsetMs = 9 * 3_600_000

/** The last day of Asia/Seoul that is over. The function uses the clock of the database, which decides. */
export function lastClosedDay(now: Date): string {
  const today = new Date(now.getTime() - marginMs + seoulOffsetMs).toISOString().slice(0, 10)
  return addDays(today, -1)
}
