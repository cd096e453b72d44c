import { describe, expect, it } from 'vitest'
import { itemConditions, type WasteCategory, wasteCategories } from '../../_contracts/waste-category.v1.ts'
import { ruleSchema } from './rule.ts'
import { ruleBase } from './rule-base.ts'

const byCode = new Map(ruleBase.map((rule) => [rule.code, rule]))

it('has exactly one rule for each category', () => {
  expect(ruleBase.map(({ code }) => code).toSorted()).toEqual([...wasteCategories].toSorted())
})

it('uses every condition that may be reported', () => {
  const used = new Set(ruleBase.flatMap((rule) => rule.condition_notes.map(({ condition }) => condition)))
  expect([...used].toSorted()).toEqual([...itemConditions].toSorted())
})

it('claims a review only with its date', () => {
  for (const rule of ruleBase) expect(rule.verified).toBe(rule.reviewed_at !== null)
})

it.each(['ko', 'en'] as const)('includes no item (%s) in two categories', (locale) => {
  const items = ruleBase.flatMap((rule) => rule.includes.map((item) => item[locale]))
  expect(items.filter((item, at) => items.indexOf(item) !== at)).toEqual([])
})

it.each(['ko', 'en'] as const)(
  'gives an excluded item (%s) the category that includes it, if there is one',
  (locale) => {
    const home = new Map(ruleBase.flatMap((rule) => rule.includes.map((item) => [item[locale], rule.code] as const)))
    for (const rule of ruleBase) {
      for (const item of rule.excludes)
        expect([item[locale], home.get(item[locale]) ?? item.category]).toEqual([item[locale], item.category])
    }
  },
)

it('moves no item in a cycle', () => {
  const targetsOf = (code: WasteCategory) =>
    byCode.get(code)?.condition_notes.flatMap((note) => note.moves_to ?? []) ?? []
  const walk = (code: WasteCategory, path: WasteCategory[]): void => {
    expect(path, `${path.join(' > ')} > ${code}`).not.toContain(code)
    for (const target of targetsOf(code)) walk(target, [...path, code])
  }
  for (const code of wasteCategories) walk(code, [])
})

describe.each(ruleBase.map((rule) => [rule.code, rule] as const))('%s', (code, rule) => {
  it('excludes no item that it includes, and none into its own category', () => {
    for (const locale of ['ko', 'en'] as const) {
      const included = rule.includes.map((item) => item[locale])
      expect(rule.excludes.filter((item) => included.includes(item[locale]) || item.category === code)).toEqual([])
    }
  })

  it('has one note for each condition, and one for each condition that a step covers', () => {
    const conditions = rule.condition_notes.map(({ condition }) => condition)
    expect(conditions).toEqual([...new Set(conditions)])
    const covered = rule.steps.flatMap(({ covers }) => covers)
    expect(covered.filter((condition) => !conditions.includes(condition))).toEqual([])
  })

  it('has complete sentences in both languages', () => {
    for (const text of [rule.placement, ...rule.steps, ...rule.warnings, ...rule.condition_notes]) {
      expect(text.ko).toMatch(/(요|마세요|주세요)\.$/)
      expect(text.en).toMatch(/^[A-Z].*\.$/)
    }
  })
})

describe('ruleSchema', () => {
  const rule = { ...byCode.get('CAN') }
  it.each([
    ['no source', { source: undefined }],
    ['no step', { steps: [] }],
    ['a step without English', { steps: [{ verb: 'put', ko: '넣어 주세요.' }] }],
    ['Korean text in English', { title: { ko: '캔', en: '캔' } }],
    ['an unknown target', { excludes: [{ ko: '물건', en: 'thing', category: 'GOLD' }] }],
    ['an unknown condition', { condition_notes: [{ condition: 'sad', ko: '슬퍼요.', en: 'Sad.' }] }],
    [
      'a source without https',
      { source: { title: '가나', url: 'http://example.org', legal_ref: '가나', region: null } },
    ],
    ['version 0', { version: 0 }],
  ])('refuses a rule with %s', (_name, change) => {
    expect(ruleSchema.safeParse(rule).success).toBe(true)
    expect(ruleSchema.safeParse({ ...rule, ...change }).success).toBe(false)
  })
})
