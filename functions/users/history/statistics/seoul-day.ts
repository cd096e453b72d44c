/** A day as `YYYY-MM-DD`. Days compare as texts. */
export type Day = string

const dayMs = 86_400_000
const daysOfWeek = 7

/** The day in Asia/Seoul at a moment. */
export function seoulDayOf(moment: Date): Day {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Seoul' }).format(moment)
}

// A day has no hours here, so that it is counted with as one of UTC, which has no day of another length.
export const addDays = (day: Day, days: number): Day =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)

/** The Monday of the ISO 8601 week that a day is in. */
export function mondayOf(day: Day): Day {
  const weekday = (new Date(day).getUTCDay() + 6) % daysOfWeek
  return addDays(day, -weekday)
}

/** `2026-W47`. The week belongs to the year of its Thursday (ISO 8601). */
export function isoWeekOf(day: Day): string {
  const thursday = addDays(mondayOf(day), 3)
  const year = thursday.slice(0, 4)
  const week = Math.floor((Date.parse(thursday) - Date.parse(`${year}-01-01`)) / dayMs / daysOfWeek) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
