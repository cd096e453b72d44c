import type { Day } from './seoul-day.ts'

export type Counts = { analyses: number; recyclable: number }
export type DayCounts = Counts & { day: Day }
export type CategoryCounts = Counts & { category: string }
