import { describe, expect, it } from 'vitest'
import type { Classification } from '../model/classification.ts'
import { chooseKnownAnswer, type SimilarPhoto } from './choose-known-answer.ts'

const told = (person: string, seen: Partial<Classification> = {}): SimilarPhoto => ({
  person,
  answer: {
    model: 'a-model',
    classification: {
      is_waste: true,
      item_name_ko: '페트병',
      item_name_en: 'bottle',
      category: 'PET_CLEAR',
      confidence: 0.9,
      conditions: [],
      ...seen,
    },
  },
})
const choose = (...photos: SimilarPhoto[]) => chooseKnownAnswer(photos, 'me')?.classification

describe('the answers to photos similar to mine', () => {
  it('is none when there is no similar photo', () => expect(choose()).toBeUndefined())

  it('serves me when it is my own, however others were answered', () => {
    expect(choose(told('me'))).toMatchObject({ category: 'PET_CLEAR' })
    expect(choose(told('a', { category: 'BATTERY' }), told('b', { category: 'BATTERY' }), told('me'))).toMatchObject({
      category: 'PET_CLEAR',
    })
  })

  it('does not serve me when it is that of one other, however often', () => {
    expect(choose(told('a'))).toBeUndefined()
    expect(choose(told('a'), told('a'))).toBeUndefined()
  })

  it('serves me when two others got the same answer, as the nearest of them got it', () => {
    const answer = choose(told('a', { confidence: 0.8 }), told('b', { confidence: 0.7 }))
    expect(answer).toMatchObject({ category: 'PET_CLEAR', confidence: 0.8 })
  })

  it('does not serve me when a third got another class', () => {
    const photos = [told('a', { category: 'BATTERY' }), told('b', { category: 'BATTERY' }), told('c')]
    expect(choose(...photos)).toBeUndefined()
    expect(choose(...photos.toReversed())).toBeUndefined()
    expect(choose(told('a'), told('b'), told('c', { is_waste: false }))).toBeUndefined()
  })

  it.each([
    ['a name', { item_name_ko: '병, 010-0000-0000' }],
    ['a name in English', { item_name_en: 'call me' }],
    ['a condition', { conditions: ['contaminated'] }],
  ] satisfies [string, Partial<Classification>][])('does not show me %s that only one was told', (_, odd) => {
    expect(choose(told('a', odd), told('b'))).toBeUndefined()
    expect(choose(told('a', odd), told('b'), told('c'))).toEqual(told('b').answer.classification)
  })

  it('does not depend on the order of the conditions', () => {
    const one = told('a', { conditions: ['label_attached', 'contaminated'] })
    const other = told('b', { conditions: ['contaminated', 'label_attached'] })
    expect(choose(one, other)).toEqual(one.answer.classification)
  })
})
