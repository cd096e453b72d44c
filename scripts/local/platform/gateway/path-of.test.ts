import { expect, test } from 'vitest'
import { pathOf } from './path-of.ts'

test.each([
  ['/api/v1/waste/analyze?x=1', '/api/v1/waste/analyze'],
  ['/', '/'],
  ['//', '//'],
  ['//elsewhere/api', '//elsewhere/api'],
  ['/%', '/%'],
  ['/a/../b', '/a/../b'],
  ['http://host/a?b', '/a'],
])('the path of "%s" is "%s"', (target, path) => {
  expect(pathOf(target)).toBe(path)
})

test.each([undefined, '*', 'http://[', 'host:80'])('"%s" names no path', (target) => {
  expect(pathOf(target)).toBeUndefined()
})
