import { expect, test } from 'vitest'
import { domainOf } from './function-spec.ts'

test('the domain is what is before the first hyphen', () => {
  expect(domainOf({ name: 'waste-upload-complete' })).toBe('waste')
  expect(domainOf({ name: 'events-relay' })).toBe('events')
})
