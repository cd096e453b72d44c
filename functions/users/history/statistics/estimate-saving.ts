import type { CategoryCounts } from './counts.ts'
import { type SavingFactor, savingFactors } from './saving-factors.ts'

export type Saving = {
  /** Grams of CO2 equivalent, an estimate. */
  co2e_g: number
  basis: {
    /** Whether every factor below was compared with its source. */
    verified: boolean
    factors: ({ category: string; items: number } & SavingFactor)[]
  }
}

/** Estimates what recycling saved, assuming that every recyclable item was recycled. Returns the factors with the result. */
export function estimateSaving(categories: readonly CategoryCounts[]): Saving {
  const known: Readonly<Record<string, SavingFactor | undefined>> = savingFactors
  const factors = categories.flatMap(({ category, recyclable: items }) => {
    const factor = known[category]
    return factor && items > 0 ? [{ category, items, ...factor }] : []
  })
  const savedG = factors.reduce((sum, { items, item_g, co2e_g_per_g }) => sum + items * item_g * co2e_g_per_g, 0)
  return {
    co2e_g: Math.round(savedG),
    basis: { verified: factors.every(({ verified }) => verified), factors },
  }
}
