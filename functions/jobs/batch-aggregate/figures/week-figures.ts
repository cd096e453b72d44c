import { addDays, weekName } from '../periods.ts'
import { type CategoryCount, type DayFigures, shareOf } from './day-figures.ts'
import { hiddenBelow, hideSmall } from './hide-small.ts'
import { mergeHistograms, type Percentiles, percentilesOf } from './histogram.ts'

/** A count, or null where it is hidden because it is too small. */
type PublishedCount = number | null

/** The figures of a week as published. Every list has a fixed order, so that the same days give the same bytes. */
export type WeekFigures = {
  week: string
  from: string
  to: string
  time_zone: 'Asia/Seoul'
  /** Smaller counts of categories, hours, days and people are null, and so are others from which they would follow. */
  hidden_below: number
  /** Null, like all other counts, when the whole week is below `hidden_below`. */
  analyses: PublishedCount
  completed: PublishedCount
  failed: PublishedCount
  /** This and the next list describe the system and no person, so they are not hidden. */
  failed_by_reason: { reason: string; analyses: number }[]
  answered_by: { answered_by: string; analyses: number }[]
  recyclable_share: number | null
  by_category: { category: string; analyses: PublishedCount; recyclable: PublishedCount }[]
  by_hour: { hour: number; analyses: PublishedCount }[]
  days: { day: string; analyses: PublishedCount; people: PublishedCount }[]
  people_a_day: { mean: PublishedCount; max: PublishedCount }
  model_calls: PublishedCount
  input_tokens: PublishedCount
  output_tokens: PublishedCount
  wait: Percentiles | null
  total: Percentiles | null
}

/** Sums the seven days that begin with `monday` and hides small counts. */
export function sumWeek(monday: string, days: readonly { day: string; figures: DayFigures }[]): WeekFigures {
  const figures = days.map((day) => day.figures)
  const sum = (read: (day: DayFigures) => number) => figures.reduce((total, day) => total + read(day), 0)
  const analyses = sum((day) => day.analyses)
  const isSmall = analyses > 0 && analyses < hiddenBelow
  const publish = (count: number): PublishedCount => (isSmall ? null : count)
  const completed = sum((day) => day.completed)
  const peopleMax = Math.max(...figures.map((day) => day.people))
  const peopleMean = Math.round(sum((day) => day.people) / days.length)
  const fewPeople = (count: number) => count > 0 && count < hiddenBelow
  return {
    week: weekName(monday),
    from: monday,
    to: addDays(monday, 6),
    time_zone: 'Asia/Seoul',
    hidden_below: hiddenBelow,
    analyses: publish(analyses),
    completed: publish(completed),
    failed: publish(analyses - completed),
    // With so few analyses even the names would say something about a person.
    failed_by_reason: (isSmall ? [] : sumByName(figures.map((day) => day.failed_by_reason))).map(([reason, count]) => ({
      reason,
      analyses: count,
    })),
    answered_by: (isSmall ? [] : sumByName(figures.map((day) => day.answered_by))).map(([name, count]) => ({
      answered_by: name,
      analyses: count,
    })),
    recyclable_share: isSmall
      ? null
      : shareOf(
          sum((day) => day.recyclable),
          completed,
        ),
    by_category: isSmall ? [] : publishCategories(figures),
    by_hour: publishHours(figures, isSmall),
    days: publishDays(days, isSmall),
    people_a_day: {
      mean: isSmall || fewPeople(peopleMean) ? null : peopleMean,
      max: isSmall || fewPeople(peopleMax) ? null : peopleMax,
    },
    model_calls: publish(sum((day) => day.model_calls)),
    input_tokens: publish(sum((day) => day.input_tokens)),
    output_tokens: publish(sum((day) => day.output_tokens)),
    wait: isSmall ? null : percentilesOf(mergeHistograms(figures.map((day) => day.wait_ms))),
    total: isSmall ? null : percentilesOf(mergeHistograms(figures.map((day) => day.total_ms))),
  }
}

function publishCategories(figures: readonly DayFigures[]): WeekFigures['by_category'] {
  const counts = new Map<string, CategoryCount>()
  for (const day of figures) {
    for (const [category, { analyses, recyclable }] of Object.entries(day.by_category)) {
      const counted = counts.get(category) ?? { analyses: 0, recyclable: 0 }
      counts.set(category, { analyses: counted.analyses + analyses, recyclable: counted.recyclable + recyclable })
    }
  }
  const sorted = [...counts].sort(byName)
  const hidden = hideSmall(sorted.map(([name, { analyses }]) => ({ name, count: analyses })))
  const isFew = (count: number) => count > 0 && count < hiddenBelow
  const hiddenShares = hideSmall(
    sorted.map(([name, { analyses, recyclable }]) => ({
      name,
      count: recyclable,
      // The complement (not recyclable) reveals as much as the count itself.
      few: hidden.has(name) || isFew(analyses - recyclable),
    })),
  )
  return sorted.map(([category, { analyses, recyclable }]) => {
    const hide = hidden.has(category)
    return {
      category,
      analyses: hide ? null : analyses,
      recyclable: hide || hiddenShares.has(category) ? null : recyclable,
    }
  })
}

function publishHours(figures: readonly DayFigures[], isSmall: boolean): WeekFigures['by_hour'] {
  const counts = Array.from({ length: 24 }, (_, hour) =>
    figures.reduce((total, day) => total + (day.by_hour[hour] ?? 0), 0),
  )
  const hidden = hideSmall(counts.map((count, hour) => ({ name: String(hour).padStart(2, '0'), count })))
  return counts.map((count, hour) => ({
    hour,
    analyses: isSmall || hidden.has(String(hour).padStart(2, '0')) ? null : count,
  }))
}

function publishDays(days: readonly { day: string; figures: DayFigures }[], isSmall: boolean): WeekFigures['days'] {
  const hidden = hideSmall(
    days.map(({ day, figures }) => ({ name: day, count: figures.analyses, few: figures.people < hiddenBelow })),
  )
  return days.map(({ day, figures }) => {
    const hide = isSmall || hidden.has(day)
    return { day, analyses: hide ? null : figures.analyses, people: hide ? null : figures.people }
  })
}

function sumByName(counts: readonly Record<string, number>[]): [string, number][] {
  const sums = new Map<string, number>()
  for (const count of counts) {
    for (const [name, value] of Object.entries(count)) sums.set(name, (sums.get(name) ?? 0) + value)
  }
  return [...sums].sort(byName)
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1)
