import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wasteCategorySchema } from '../../../_contracts/waste-category.v1.ts'
import { countWeeks } from './count-weeks.ts'
import { estimateSaving } from './estimate-saving.ts'
import { measureStreak } from './measure-streak.ts'
import { savingFactors } from './saving-factors.ts'
import { addDays, isoWeekOf, mondayOf, seoulDayOf } from './seoul-day.ts'
import { stats } from './stats.ts'

const dayArbitrary = fc.integer({ min: 0, max: 60 }).map((days) => addDays('2027-12-10', days))

describe('days of Asia/Seoul', () => {
  it.each([
    ['2026-11-20T14:59:59.999Z', '2026-11-20'],
    ['2026-11-20T15:00:00.000Z', '2026-11-21'],
    ['2026-12-31T15:00:00.000Z', '2027-01-01'],
    ['2028-02-28T15:00:00.000Z', '2028-02-29'],
  ])('%s is in %s', (moment, day) => {
    expect(seoulDayOf(new Date(moment))).toBe(day)
  })

  // The first and the last days of years around which ISO weeks are most often wrong.
  it.each([
    ['2026-11-21', '2026-W47'],
    ['2024-12-30', '2025-W01'],
    ['2026-12-31', '2026-W53'],
    ['2027-01-03', '2026-W53'],
    ['2027-01-04', '2027-W01'],
    ['2021-01-03', '2020-W53'],
  ])('%s is in the ISO week %s', (day, week) => {
    expect(isoWeekOf(day)).toBe(week)
  })
})

describe('streaks', () => {
  it('continues across the end of a month, the end of a year and 29 February', () => {
    const days = ['2027-12-30', '2027-12-31', '2028-01-01', '2028-02-28', '2028-02-29', '2028-03-01', '2028-03-02']
    expect(measureStreak(days, '2028-03-02')).toEqual({ current_days: 4, longest_days: 4, last_day: '2028-03-02' })
  })

  it('does not end with an empty today, and ends with a whole empty day', () => {
    const days = ['2026-11-19', '2026-11-20']
    expect(measureStreak(days, '2026-11-20').current_days).toBe(2)
    expect(measureStreak(days, '2026-11-21').current_days).toBe(2)
    expect(measureStreak(days, '2026-11-22')).toEqual({ current_days: 0, longest_days: 2, last_day: '2026-11-20' })
    expect(measureStreak([], '2026-11-22')).toEqual({ current_days: 0, longest_days: 0, last_day: null })
  })

  it('equals the result of counting day by day', () => {
    fc.assert(
      fc.property(fc.uniqueArray(dayArbitrary, { maxLength: 40 }), dayArbitrary, (days, today) => {
        const past = days.filter((day) => day <= today)
        const has = (day: string) => past.includes(day)
        const lengthUntil = (day: string): number => (has(day) ? 1 + lengthUntil(addDays(day, -1)) : 0)
        expect(measureStreak(past, today)).toEqual({
          current_days: has(today) ? lengthUntil(today) : lengthUntil(addDays(today, -1)),
          longest_days: Math.max(0, ...past.map(lengthUntil)),
          last_day: past.toSorted().at(-1) ?? null,
        })
      }),
    )
  })
})

describe('weeks', () => {
  it('are the last twelve in a row, each with the counts of its days, and no day is in two', () => {
    fc.assert(
      fc.property(fc.uniqueArray(dayArbitrary), dayArbitrary, (days, today) => {
        const counts = days.map((day, index) => ({ day, analyses: index + 2, recyclable: index }))
        const weeks = countWeeks(counts, today)
        expect(weeks).toHaveLength(12)
        expect(weeks.at(-1)?.from).toBe(mondayOf(today))
        for (const [index, week] of weeks.entries()) {
          const within = counts.filter(({ day }) => day >= week.from && day <= week.to)
          expect(week.analyses).toBe(within.reduce((sum, { analyses }) => sum + analyses, 0))
          expect(week.recyclable).toBe(within.reduce((sum, { recyclable }) => sum + recyclable, 0))
          expect(new Date(week.from).getUTCDay()).toBe(1)
          const next = weeks[index + 1]
          if (next) expect(next.from).toBe(addDays(week.to, 1))
        }
      }),
    )
  })
})

describe('estimated saving', () => {
  it('is the sum over recyclable items with a factor, and names these factors', () => {
    const { CAN, GLASS } = savingFactors
    if (!CAN || !GLASS) throw new Error('Both have a factor')
    const saving = estimateSaving([
      { category: 'CAN', analyses: 5, recyclable: 4 },
      { category: 'GLASS', analyses: 2, recyclable: 2 },
      { category: 'PAPER', analyses: 3, recyclable: 0 },
      { category: 'NOT_WASTE', analyses: 1, recyclable: 0 },
      { category: 'BATTERY', analyses: 1, recyclable: 1 },
    ])
    const savedG = 4 * CAN.item_g * CAN.co2e_g_per_g + 2 * GLASS.item_g * GLASS.co2e_g_per_g
    expect(saving).toEqual({
      co2e_g: Math.round(savedG),
      basis: {
        verified: false,
        factors: [
          { category: 'CAN', items: 4, ...CAN },
          { category: 'GLASS', items: 2, ...GLASS },
        ],
      },
    })
  })

  it('has only categories of the contract, and every factor names its source', () => {
    for (const [category, factor] of Object.entries(savingFactors)) {
      expect(wasteCategorySchema.safeParse(category).success).toBe(true)
      expect(factor.source).not.toBe('')
      expect(factor.item_g).toBeGreaterThan(0)
      expect(factor.co2e_g_per_g).toBeGreaterThan(0)
    }
  })
})

it('returns statistics for a person without an analysis', async () => {
  const now = () => new Date('2026-11-20T15:00:00Z')
  const found = await stats({ readCounts: async () => ({ days: [], categories: [] }), now }, 'anybody')
  expect(found).toMatchObject({
    time_zone: 'Asia/Seoul',
    today: '2026-11-21',
    total: { analyses: 0, recyclable: 0 },
    categories: [],
    streak: { current_days: 0, longest_days: 0, last_day: null },
    saving: { co2e_g: 0, basis: { factors: [] } },
  })
})
