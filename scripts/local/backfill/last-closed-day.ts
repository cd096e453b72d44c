import { addDays } from '../../../functions/jobs/batch-aggregate/periods.ts'

// As the function has it: analyses may end late by as long as a transaction takes.
const marginMs = 15 * 60_000
// All year round.
const seoulOffsetMs = 9 * 3_600_000

/** The last day of Asia/Seoul that is over. The function asks the clock of the database, which decides. */
export function lastClosedDay(now: Date): string {
  const today = new Date(now.getTime() - marginMs + seoulOffsetMs).toISOString().slice(0, 10)
  return addDays(today, -1)
}
