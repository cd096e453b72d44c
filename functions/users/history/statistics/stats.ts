import { countWeeks, type WeekCounts } from './count-weeks.ts'
import type { CategoryCounts, Counts, DayCounts } from './counts.ts'
import { estimateSaving, type Saving } from './estimate-saving.ts'
import { measureStreak, type Streak } from './measure-streak.ts'
import { type Day, seoulDayOf } from './seoul-day.ts'

export type StatsDeps = {
  /** Resolves to the counts of all analyses of a person from one snapshot: each day and category once, without empty ones. */
  readCounts: (userId: string) => Promise<{ days: DayCounts[]; categories: CategoryCounts[] }>
  now: () => Date
}

export type Stats = {
  time_zone: 'Asia/Seoul'
  today: Day
  total: Counts
  /** The most frequent first. */
  categories: CategoryCounts[]
  weeks: WeekCounts[]
  streak: Streak
  saving: Saving
}

/** Returns the statistics of a person. Days are days of Asia/Seoul, wherever the person is. */
export async function stats(deps: StatsDeps, userId: string): Promise<Stats> {
  const { days, categories } = await deps.readCounts(userId)
  const today = seoulDayOf(deps.now())
  return {
    time_zone: 'Asia/Seoul',
    today,
    total: {
      analyses: days.reduce((sum, { analyses }) => sum + analyses, 0),
      recyclable: days.reduce((sum, { recyclable }) => sum + recyclable, 0),
    },
    categories: categories.toSorted((a, b) => b.analyses - a.analyses || (a.category < b.category ? -1 : 1)),
    weeks: countWeeks(days, today),
    streak: measureStreak(
      days.map(({ day }) => day),
      today,
    ),
    saving: estimateSaving(categories),
  }
}
