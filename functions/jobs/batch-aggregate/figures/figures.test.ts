import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays } from '../periods.ts'
import { closeDay, type DayFigures, emptyDay } from './day-figures.ts'
import { hiddenBelow, hideSmall } from './hide-small.ts'
import { boundOf, type Histogram, mergeHistograms, observe, percentilesOf } from './histogram.ts'
import { renderReport } from './render-report.ts'
import { sumWeek } from './week-figures.ts'

describe('a histogram', () => {
  const durations = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 200 })
  const histogramOf = (values: readonly number[]) => {
    const histogram: Histogram = {}
    for (const value of values) observe(histogram, value)
    return histogram
  }

  it('has a bounded number of buckets, each 10 % wider than the one before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_600_000 }), (ms) => {
        const bound = boundOf(ms)
        expect(bound).toBeGreaterThanOrEqual(ms)
        expect(bound).toBeLessThanOrEqual(ms * 1.1 + 1)
      }),
    )
    const all = new Set(Array.from({ length: 3_600_001 / 10 }, (_, step) => boundOf(step * 10)))
    expect(all.size).toBeLessThan(150)
    expect([0, -5, 3_600_000, 1e12].map(boundOf)).toEqual([1, 1, 3_600_000, 3_600_000])
  })

  it('has the percentiles of its values, rounded up to a bucket', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const sorted = values.toSorted((one, other) => one - other)
        const exact = (share: number) => boundOf(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
        expect(percentilesOf(histogramOf(values))).toEqual({
          count: values.length,
          p50: exact(0.5),
          p95: exact(0.95),
          p99: exact(0.99),
        })
      }),
    )
    expect(percentilesOf({})).toEqual({ count: 0, p50: null, p95: null, p99: null })
  })

  it('merged from two days equals that of all their values', () => {
    fc.assert(
      fc.property(durations, durations, (one, other) => {
        expect(mergeHistograms([histogramOf(one), histogramOf(other)])).toEqual(histogramOf([...one, ...other]))
      }),
    )
  })
})

describe('small counts', () => {
  const cellsOf = (counts: readonly number[]) => counts.map((count, index) => ({ name: String(index), count }))

  it('are hidden, and never follow from the total', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }), (counts) => {
        const hidden = hideSmall(cellsOf(counts))
        const shown = counts.filter((_, index) => !hidden.has(String(index)))
        for (const count of shown) expect(count === 0 || count >= hiddenBelow).toBe(true)
        const hiddenCounts = counts.filter((_, index) => hidden.has(String(index)))
        const sum = hiddenCounts.reduce((total, count) => total + count, 0)
        // Unless there is nothing left to hide.
        if (hiddenCounts.length > 0 && shown.some((count) => count > 0)) {
          expect(hiddenCounts.length).toBeGreaterThanOrEqual(2)
          expect(sum).toBeGreaterThanOrEqual(hiddenBelow)
        }
      }),
    )
  })

  it.each([
    [[10, 20, 30], []],
    [[0, 20], []],
    [[5, 20], []],
    [
      [30, 8, 1],
      ['1', '2'],
    ],
    [
      [8, 1, 8],
      ['0', '1'],
    ],
    [
      [1, 8, 30],
      ['0', '1'],
    ],
    [
      [1, 1, 30],
      ['0', '1', '2'],
    ],
    [
      [3, 4, 30],
      ['0', '1'],
    ],
  ])('among %j hide the cells %j', (counts, names) => {
    expect([...hideSmall(cellsOf(counts))].sort()).toEqual(names)
  })

  it('include cells of few people', () => {
    const cells = [...cellsOf([50, 60, 70]), { name: 'few', count: 40, few: true }]
    expect([...hideSmall(cells)].sort()).toEqual(['0', 'few'])
    // A cell of zero is not hidden and hides nothing else.
    expect([...hideSmall([...cells, { name: 'none', count: 0 }])].sort()).toEqual(['0', 'few'])
  })
})

describe('the figures of a week', () => {
  const monday = '2026-03-02'
  const dayWith = (changes: Partial<DayFigures>): DayFigures => ({
    ...closeDay({ ...emptyDay(), analyses: 100, completed: 100, people: 50 }),
    by_category: { PAPER: { analyses: 100, recyclable: 100 } },
    recyclable: 100,
    ...changes,
  })
  const weekOf = (...days: DayFigures[]) =>
    sumWeek(
      monday,
      Array.from({ length: 7 }, (_, index) => ({ day: addDays(monday, index), figures: days[index] ?? dayWith({}) })),
    )

  it('hide a small category, another from which it would follow, and their recyclable counts', () => {
    const week = weekOf(
      dayWith({
        by_category: {
          BATTERY: { analyses: 2, recyclable: 2 },
          CAN: { analyses: 30, recyclable: 30 },
          PAPER: { analyses: 68, recyclable: 68 },
        },
      }),
    )
    expect(week.by_category).toEqual([
      { category: 'BATTERY', analyses: null, recyclable: null },
      { category: 'CAN', analyses: null, recyclable: null },
      { category: 'PAPER', analyses: 668, recyclable: 668 },
    ])
    expect(week).toMatchObject({ analyses: 700, hidden_below: 5 })
  })

  it('hide a day with few people, and the numbers of people', () => {
    const week = weekOf(dayWith({ people: 2, analyses: 40 }))
    expect(week.days.slice(0, 3)).toEqual([
      { day: '2026-03-02', analyses: null, people: null },
      { day: '2026-03-03', analyses: null, people: null },
      { day: '2026-03-04', analyses: 100, people: 50 },
    ])
    const smallWeek = weekOf(...Array.from({ length: 7 }, () => dayWith({ people: 3 })))
    expect(smallWeek.people_a_day).toEqual({ mean: null, max: null })
    expect(smallWeek.days.every(({ analyses }) => analyses === null)).toBe(true)
  })

  it('hide everything of an almost empty week, and show the zeros of an empty one', () => {
    const nothing = closeDay(emptyDay())
    const few = {
      ...nothing,
      analyses: 3,
      completed: 3,
      people: 1,
      by_category: { CAN: { analyses: 3, recyclable: 3 } },
    }
    const empty = Array.from({ length: 6 }, () => nothing)
    const almost = weekOf(few, ...empty)
    expect(JSON.stringify(almost)).not.toMatch(/CAN|(?:analyses|people|max|mean|count|p50)":[1-9]/)
    expect(almost).toMatchObject({ analyses: null, completed: null, recyclable_share: null, total: null })
    expect(weekOf(nothing, ...empty)).toMatchObject({ analyses: 0, recyclable_share: null, people_a_day: { mean: 0 } })
  })

  it('are rendered as JSON, as CSV with one value per line, and as text in two languages', () => {
    const figures = weekOf(
      dayWith({ failed_by_reason: { 'odd, "reason"': 7 }, by_category: { CAN: { analyses: 2, recyclable: 0 } } }),
    )
    const [json, csv, korean, english] = renderReport(figures)
    expect(JSON.parse(json?.body ?? '')).toEqual(figures)
    expect(csv?.body.split('\r\n')).toEqual(
      expect.arrayContaining([
        'measure,name,value',
        'analyses,,700',
        'failed,"odd, ""reason""",7',
        'category,CAN,',
        'day,2026-03-03,100',
      ]),
    )
    expect(korean).toMatchObject({
      contentType: 'text/markdown; charset=utf-8',
      key: 'reports/weekly/2026-W10/report.ko.md',
    })
    expect(korean?.body).toContain('| 분석 | 700 |')
    expect(english?.body).toContain('| CAN | – | – |')
    // Rendering is deterministic.
    expect(renderReport(figures)).toEqual(renderReport(structuredClone(figures)))
  })
})
