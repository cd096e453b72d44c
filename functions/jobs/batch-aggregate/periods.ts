import type { BatchRange, BatchTask } from '../../_contracts/events/batch-range.v1.ts'

const dayMs = 86_400_000

/** How many days back a tick looks for missing periods: 35 days, or eight whole weeks. */
export const lookBackDays: Record<BatchTask, number> = { 'analytics.daily': 35, 'report.generate': 8 * 7 + 6 }

/** Returns the day `count` days after `day`; both are ISO 8601 dates. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * dayMs).toISOString().slice(0, 10)
}

/** Returns the periods of a range: its days, or the Mondays of the weeks that lie within it. */
export function periodsOf(task: BatchTask, { from, to }: Pick<BatchRange, 'from' | 'to'>): string[] {
  const isDaily = task === 'analytics.daily'
  const periods: string[] = []
  const last = isDaily ? to : addDays(to, -6)
  for (let day = isDaily ? from : nextMonday(from); day <= last; day = addDays(day, isDaily ? 1 : 7)) periods.push(day)
  return periods
}

function nextMonday(day: string): string {
  return addDays(day, (8 - new Date(day).getUTCDay()) % 7)
}

/** Returns the ISO 8601 name of a week, such as `2026-W10`; a week belongs to the year of its Thursday. */
export function weekName(monday: string): string {
  const thursday = addDays(monday, 3)
  const year = thursday.slice(0, 4)
  const week = Math.floor((Date.parse(thursday) - Date.parse(`${year}-01-01`)) / (7 * dayMs)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
