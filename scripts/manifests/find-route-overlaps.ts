import type { LoadedSpec } from './load-specs.ts'
import { isHttp } from './trigger-kind.ts'

type DeclaredRoute = { method: string; path: string; source: string }

/** Declared routes of which one request would fit two: which function answers it would depend on the order they are read in. */
export function findRouteOverlaps(specs: readonly LoadedSpec[]): string[] {
  const routes = specs.flatMap(({ spec, source }): DeclaredRoute[] =>
    isHttp(spec) ? spec.trigger.routes.map(({ method, path }) => ({ method, path, source })) : [],
  )
  return routes.flatMap((one, index) =>
    routes
      .slice(index + 1)
      .filter((other) => one.method === other.method && overlap(one.path.split('/'), other.path.split('/')))
      .map(
        ({ method, path, source }) =>
          `${source}: the route "${method} ${path}" overlaps "${method} ${one.path}" of ${one.source}; expected every request to fit one`,
      ),
  )
}

const overlap = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((segment, index) => fits(segment, other[index] ?? ''))

const fits = (one: string, other: string): boolean => one === other || one.startsWith(':') || other.startsWith(':')
