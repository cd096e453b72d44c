import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sliceMember } from './slice-member.ts'

test.each([
  ['{"data":{ "a" : 1 }}', '{ "a" : 1 }'],
  ['{"a":"\\"data\\":1","data" : 1376016924429759243 }', '1376016924429759243'],
  ['{"a":{"data":1},"data":"}\\\\"}', '"}\\\\"'],
  ['{"data":1,"d\\u0061ta":[2, [3]]}', '[2, [3]]'],
  ['{"other":1}', undefined],
  ['{}', undefined],
])('of %s the member "data" is %s', (text, slice) => {
  expect(sliceMember(text, 'data')).toBe(slice)
})

test('every member of every object is found, whatever the layout', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (object, indent) => {
      const text = JSON.stringify(object, null, indent)
      for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
        expect(JSON.parse(sliceMember(text, name) ?? '')).toEqual(value)
      }
    }),
  )
})
