import { expect, test } from 'vitest'
import type { Route } from '../../functions/_lib/process/function-spec.ts'
import { httpSpec } from './example-specs.ts'
import { findRouteOverlaps } from './find-route-overlaps.ts'

const declared = (...routes: Route[]) =>
  routes.map((route, index) => ({
    spec: { ...httpSpec, trigger: { routes: [route] } },
    source: `functions/demo/number-${index}/function.ts`,
  }))

test('two routes that one request fits are named, whichever function they belong to', () => {
  const one = { method: 'GET', path: '/items/:item_id' } as const
  for (const path of ['/items/all', '/items/:id', '/:kind/all'] as const) {
    expect(findRouteOverlaps(declared(one, { method: 'GET', path }))).toEqual([
      `functions/demo/number-1/function.ts: the route "GET ${path}" overlaps "GET /items/:item_id" of functions/demo/number-0/function.ts; expected every request to fit one`,
    ])
  }
})

test('another method, another word and another length do not overlap', () => {
  const one = { method: 'GET', path: '/items/:item_id' } as const
  expect(
    findRouteOverlaps(
      declared(
        one,
        { method: 'POST', path: '/items/:item_id' },
        { method: 'GET', path: '/people/:user_id' },
        { method: 'GET', path: '/items/:item_id/parts' },
        { method: 'GET', path: '/items' },
      ),
    ),
  ).toEqual([])
})
