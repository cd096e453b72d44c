import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Route } from '../../../../functions/_lib/process/function-spec.ts'
import type { DeployedService } from '../../../manifests/read/read-service.ts'

/** A route and the function that answers it. */
export type GatewayRoute = Pick<Route, 'method' | 'path'> & {
  service: Pick<DeployedService, 'name' | 'timeoutMs' | 'responseStartTimeoutMs'>
}

export type RouteTable = {
  /** The route of a method and a path; undefined when there is none. */
  find: (method: string, path: string) => GatewayRoute | undefined
  /** Methods that are declared for a path; none when it is unknown. */
  methodsAt: (path: string) => string[]
}

/** Routes as Hono matches them, which is what the functions behind them use. No two may overlap, which the check proves. */
export function createRouteTable(routes: readonly GatewayRoute[]): RouteTable {
  const router = new SmartRouter<GatewayRoute>({ routers: [new RegExpRouter(), new TrieRouter()] })
  for (const route of routes) router.add(route.method, route.path, route)
  const methods = [...new Set(routes.map(({ method }) => method))]
  const find = (method: string, path: string) => router.match(method, path)[0][0]?.[0]
  return {
    find,
    methodsAt: (path) => nearest(methods.flatMap((method) => find(method, path) ?? [])).map(({ method }) => method),
  }
}

/** Of paths that fit, the one that says more of it in words: `/letters/replay` is no letter whose id is "replay". */
function nearest(onPath: readonly GatewayRoute[]): GatewayRoute[] {
  const shape = ({ path }: GatewayRoute) => path.replaceAll(/:[^/]+/g, ':')
  const words = (route: GatewayRoute) =>
    shape(route)
      .split('/')
      .map((segment) => (segment === ':' ? '1' : '0'))
      .join('')
  const [first] = onPath.toSorted((one, other) => (words(one) < words(other) ? -1 : 1))
  return onPath.filter((route) => first && shape(route) === shape(first))
}
