/** A day as `YYYY-MM-DD`, which sorts as text. */
export type Day = string

const dayMs = 86_400_000
const daysOfWeek = 7

/** Returns the day in Asia/Seoul at a point in time. */
export function seoulDayOf(moment: Date): Day {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Seoul' }).format(moment)
}

// Calculated in UTC, in which every day has 24 hours.
export const addDays = (day: Day, days: number): Day =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)

/** Returns the Monday of the ISO 8601 week of a day. */
export function mondayOf(day: Day): Day {
  const weekday = (new Date(day).getUTCDay() + 6) % daysOfWeek
  return addDays(day, -weekday)
}

/** Returns the ISO 8601 week of a day, such as `2026-W47`. It belongs to the year of its Thursday. */
export function isoWeekOf(day: Day): string {
  const thursday = addDays(mondayOf(day), 3)
  const year = thursday.slice(0, 4)
  const week = Math.floor((Date.parse(thursday) - Date.parse(`${year}-01-01`)) / dayMs / daysOfWeek) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
