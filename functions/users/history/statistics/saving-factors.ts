import type { WasteCategory } from '../../../_contracts/waste-category.v1.ts'

/** What one recycled item of a category saves, compared with new material. */
export type SavingFactor = {
  /** Weight of one item, in grams. */
  item_g: number
  /** Grams of CO2 equivalent for each gram of the material. */
  co2e_g_per_g: number
  /** Source of the factor. */
  source: string
  /** Whether a person has compared both numbers with their source. */
  verified: boolean
}

const warm = (material: string) =>
  `US EPA Waste Reduction Model, version 15, recycling of ${material}; weight of the item estimated`
const estimated = (item_g: number, co2e_g_per_g: number, material: string): SavingFactor => ({
  item_g,
  co2e_g_per_g,
  source: warm(material),
  verified: false,
})

/** Short tons to grams: 1 t CO2e for each short ton is 1.102 g for each gram. Categories without a factor save nothing. */
export const savingFactors: Partial<Record<WasteCategory, SavingFactor>> = {
  PAPER_BOX: estimated(250, 3.46, 'corrugated containers'),
  PAPER: estimated(50, 3.91, 'mixed paper'),
  GLASS: estimated(250, 0.31, 'glass'),
  CAN: estimated(15, 10.06, 'aluminium cans'),
  CAN_GAS: estimated(90, 2.02, 'steel cans'),
  SCRAP: estimated(200, 4.84, 'mixed metals'),
  PET_CLEAR: estimated(25, 1.15, 'PET'),
  PLASTIC: estimated(30, 1.02, 'mixed plastics'),
}
