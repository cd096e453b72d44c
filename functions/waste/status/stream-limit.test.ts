import { expect, it } from 'vitest'
import { createStreamLimit } from './stream-limit.ts'

it('gives each person so many places and no more, and a freed one again', () => {
  const take = createStreamLimit(2)
  const [first, second] = [take('a'), take('a')]
  expect(first).toBeTypeOf('function')
  expect(second).toBeTypeOf('function')
  expect(take('a')).toBeUndefined()
  expect(take('b')).toBeTypeOf('function')
  first?.()
  expect(take('a')).toBeTypeOf('function')
  expect(take('a')).toBeUndefined()
})

it('counts a stream that is released twice only once', () => {
  const take = createStreamLimit(2)
  const first = take('a')
  take('a')
  first?.()
  first?.()
  expect(take('a')).toBeTypeOf('function')
  expect(take('a')).toBeUndefined()
})
