import { expect, test } from 'vitest'
import { parseLocale } from './locale.ts'

test.each([
  [undefined, 'ko'],
  ['', 'ko'],
  ['*', 'ko'],
  ['en', 'en'],
  ['EN-us', 'en'],
  ['ko-KR,ko;q=0.9,en;q=0.8', 'ko'],
  ['ko;q=0.3, en;q=0.7', 'en'],
  ['fr-FR, en;q=0.1', 'en'],
  ['fr, de;q=0.9', 'ko'],
  ['en;q=0', 'ko'],
  ['en;q=nonsense', 'ko'],
  ['english', 'ko'],
  ['en;level=1;q=0.5, ko;q=0.4', 'en'],
  [`${'x,'.repeat(2000)}en`, 'en'],
])('%j is read as %s', (header, locale) => {
  expect(parseLocale(header)).toBe(locale)
})
