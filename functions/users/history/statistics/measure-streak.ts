import { addDays, type Day } from './seoul-day.ts'

/** Days in a row on which something was analysed. */
export type Streak = { current_days: number; longest_days: number; last_day: Day | null }

/** Measures the streaks of distinct `days` in any order. Today may still be empty: only a whole day without an analysis ends a streak. */
export function measureStreak(days: readonly Day[], today: Day): Streak {
  let longest = 0
  let length = 0
  let last: Day | null = null
  for (const day of days.toSorted()) {
    length = last !== null && addDays(last, 1) === day ? length + 1 : 1
    longest = Math.max(longest, length)
    last = day
  }
  const alive = last !== null && last >= addDays(today, -1)
  return { current_days: alive ? length : 0, longest_days: longest, last_day: last }
}
