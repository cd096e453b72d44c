import * as z from 'zod'

/**
 * The 22 sorting categories, one rule each in the rule base of the recycling domain.
 *
 * They follow the item groups of 「재활용가능자원의 분리수거 등에 관한 지침」 별표 1 (훈령 제18호, 2026-01-01) and, for what that
 * guideline leaves to municipalities, the usual municipal groups (food, standard bag, non-burnable, bulky, construction).
 */
export const wasteCategories = [
  'PAPER_BOX',
  'PAPER',
  'PAPER_PACK',
  'PAPER_CUP',
  'GLASS',
  'CAN',
  'CAN_GAS',
  'SCRAP',
  'PET_CLEAR',
  'PLASTIC',
  'VINYL',
  'EPS',
  'CLOTHES',
  'BATTERY',
  'LAMP',
  'EWASTE',
  'FOOD',
  'GENERAL',
  'NONBURN',
  'BULKY',
  'HAZARD',
  'CONSTR',
] as const

export const wasteCategorySchema = z.enum(wasteCategories)

export type WasteCategory = z.infer<typeof wasteCategorySchema>

/**
 * What the vision model may report about the state of the item. A code is listed only if at least one rule acts on it.
 *
 * - `label_attached`: a label, sticker or film sleeve is still on it.
 * - `cap_attached`: a cap, lid, pump or nozzle is still on it.
 * - `tape_attached`: packing tape, a shipping label or staples are still on it.
 * - `contents_left`: food, drink, gas, ash or anything else is still inside.
 * - `soiled`: dirt that a rinse or a wipe takes off.
 * - `contaminated`: grease, sauce, mould or paint that washing does not take off.
 * - `hazardous_residue`: remains of paint, solvent, engine oil, pesticide or another harmful substance.
 * - `wet`: soaked or dripping.
 * - `mixed_materials`: parts of another material that are not yet taken off.
 * - `coated`: paper with a plastic, foil or wax layer.
 * - `coloured`: a coloured version of an item that is collected apart only when clear or white.
 * - `broken`: cracked, shattered or torn beyond use.
 * - `large`: too big for a standard bag or the collection box.
 * - `battery_inside`: a battery can be seen in it or is certain to be in it.
 * - `swollen`: a battery or a device with one is bulging, leaking or scorched.
 */
export const itemConditions = [
  'label_attached',
  'cap_attached',
  'tape_attached',
  'contents_left',
  'soiled',
  'contaminated',
  'hazardous_residue',
  'wet',
  'mixed_materials',
  'coated',
  'coloured',
  'broken',
  'large',
  'battery_inside',
  'swollen',
] as const

export const itemConditionSchema = z.enum(itemConditions)

export type ItemCondition = z.infer<typeof itemConditionSchema>
