import type { Counts, DayCounts } from './counts.ts'
import { addDays, type Day, isoWeekOf, mondayOf } from './seoul-day.ts'

export const weeksShown = 12

/** An ISO week of Asia/Seoul, Monday to Sunday. */
export type WeekCounts = Counts & { week: string; from: Day; to: Day }

/** Returns the counts of the last twelve weeks, the current one last, including those without an analysis. */
export function countWeeks(days: readonly DayCounts[], today: Day): WeekCounts[] {
  const first = addDays(mondayOf(today), -7 * (weeksShown - 1))
  const weeks = Array.from({ length: weeksShown }, (_, index): WeekCounts => {
    const from = addDays(first, 7 * index)
    return { week: isoWeekOf(from), from, to: addDays(from, 6), analyses: 0, recyclable: 0 }
  })
  const byMonday = new Map(weeks.map((week) => [week.from, week]))
  for (const { day, analyses, recyclable } of days) {
    const week = day < first ? undefined : byMonday.get(mondayOf(day))
    if (!week) continue
    week.analyses += analyses
    week.recyclable += recyclable
  }
  return weeks
}
