import type { ItemCondition, WasteCategory } from '../../../../_contracts/waste-category.v1.ts'
import { parseItemName } from './parse-item-name.ts'
import { particleAfter } from './particle-after.ts'
import type { RuleRow } from './rule-row.ts'

export type Locale = 'ko' | 'en'

/** The answer of the vision model. Its schema checks the codes; the name is free text and never trusted. */
export type Classification =
  | { is_waste: false }
  | {
      is_waste: true
      category: WasteCategory
      item_name: Record<Locale, string>
      conditions: readonly ItemCondition[]
      /** From 0 to 1. */
      confidence: number
    }

export type FeedbackInput = {
  classification: Classification
  /** The national rules by category; those that a rule moves items to are needed as well. */
  rules: ReadonlyMap<WasteCategory, RuleRow>
  locale: Locale
}

export type Feedback = {
  waste_type: string
  /** The category of the item, regardless of its conditions. */
  category: WasteCategory | 'NOT_WASTE'
  /** Whether it can be recycled in the condition seen. */
  recyclable: boolean
  item_name: string
  feedback: string
  disposal_steps: { order: number; text: string }[]
  /** The category to which its conditions move it, if another. Bins are looked up for this one. */
  moved_to?: WasteCategory
}

/** Below this the person is asked to check. */
export const CONFIDENCE_MIN = 0.5

type Note = RuleRow['condition_notes'][number]

/**
 * Composes two to four sentences of advice. All advice is text of the rule base; only the name of the item is from the
 * model.
 */
export function composeFeedback({ classification, rules, locale }: FeedbackInput): Feedback {
  if (!classification.is_waste) return notWaste(locale)
  const { category, conditions, confidence } = classification
  const rule = getRule(rules, category)
  const { effective, move } = followMoves(rule, conditions, rules)
  const seen = effective.condition_notes.filter((note) => conditions.includes(note.condition) && note.moves_to === null)
  const name = parseItemName(classification.item_name[locale]) ?? titleOf(rule, locale)
  // The warning belongs to the category to which the item is moved.
  const warning = effective.warnings[0]
  const advice = move ?? seen[0] ?? effective.placement
  const sentences = [
    introduce(name, titleOf(rule, locale), confidence, locale),
    advice[locale],
    warning?.[locale],
    localNote[locale],
  ]
  return {
    waste_type: rule.waste_type,
    category,
    recyclable: effective.recyclable,
    item_name: name,
    feedback: sentences.filter((sentence) => sentence !== undefined).join(' '),
    disposal_steps: stepsOf(effective, seen, locale),
    ...(effective.code === category ? {} : { moved_to: effective.code }),
  }
}

/**
 * Follows the first listed move that applies, again from there on: dirty film is general waste, and too large a piece of it
 * bulky.
 */
function followMoves(rule: RuleRow, conditions: readonly ItemCondition[], rules: FeedbackInput['rules']) {
  let effective = rule
  let move: Note | undefined
  const visited = new Set([rule.code])
  for (;;) {
    const next = effective.condition_notes.find((note) => note.moves_to !== null && conditions.includes(note.condition))
    if (!next?.moves_to) return { effective, move }
    if (visited.has(next.moves_to)) throw new Error(`Rule "${rule.code}" moves in a circle at "${next.moves_to}"`)
    visited.add(next.moves_to)
    effective = getRule(rules, next.moves_to)
    move = next
  }
}

function getRule(rules: FeedbackInput['rules'], code: WasteCategory): RuleRow {
  const rule = rules.get(code)
  if (!rule) throw new Error(`Category "${code}" has no rule among the ${rules.size} rules given`)
  return rule
}

/** The rule's steps, led by what the seen conditions ask for beyond them. */
function stepsOf(rule: RuleRow, seen: readonly Note[], locale: Locale): Feedback['disposal_steps'] {
  const covered = new Set(rule.steps.flatMap(({ covers }) => covers))
  const extra = seen.filter(({ condition }) => !covered.has(condition))
  return [...extra, ...rule.steps].map((step, at) => ({ order: at + 1, text: step[locale] }))
}

const localNote: Record<Locale, string> = {
  ko: '지자체에 따라 배출 방법이 다를 수 있어요.',
  en: 'Local rules may differ.',
}

function titleOf(rule: RuleRow, locale: Locale): string {
  return locale === 'ko' ? rule.title_ko : rule.title_en
}

function introduce(name: string, title: string, confidence: number, locale: Locale): string {
  const isSure = confidence >= CONFIDENCE_MIN
  if (locale === 'ko') {
    const sorted = `${title}${particleAfter(title, '으로')}`
    if (!isSure) return `사진만으로는 확실하지 않지만 ${sorted} 보이니, 제품의 분리배출 표시를 꼭 확인해 주세요.`
    return name === title
      ? `이 물건은 ${sorted} 분류돼요.`
      : `‘${name}’${particleAfter(name, '은는')} ${sorted} 분류돼요.`
  }
  const sorted = title.toLowerCase().replace(/\bpet\b/g, 'PET')
  if (!isSure)
    return `The photo leaves some doubt: it looks like “${sorted}”, so please check the recycling mark on the item.`
  return name === title ? `This item is sorted as “${sorted}”.` : `“${name}” is sorted as “${sorted}”.`
}

function notWaste(locale: Locale): Feedback {
  const feedback = {
    ko: `버릴 물건을 찾지 못했어요. 버리려는 물건 하나가 잘 보이게 다시 찍어 주세요. ${localNote.ko}`,
    en: `I could not find anything to throw away. Please take another photo that shows one item clearly. ${localNote.en}`,
  }
  const name = { ko: '알 수 없음', en: 'unknown' }
  const item_name = name[locale]
  return {
    waste_type: 'none',
    category: 'NOT_WASTE',
    recyclable: false,
    item_name,
    feedback: feedback[locale],
    disposal_steps: [],
  }
}
