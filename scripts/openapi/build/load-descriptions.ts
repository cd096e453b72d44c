import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type {
  DomainDescription,
  FunctionDescription,
  RouteDescription,
} from '../../../functions/_lib/openapi/description.ts'
import { type Access, domainOf, type FunctionSpec, type Route } from '../../../functions/_lib/process/function-spec.ts'
import { type LoadedSpec, loadSpecs } from '../../manifests/load-specs.ts'

/** A description, and who may call the route by its `function.ts`. */
export type AccessibleRoute = RouteDescription & { access: Access }

export type DescribedRoute = { functionName: string; domain: string; route: Route; description: AccessibleRoute }

export type Descriptions = { domains: ReadonlyMap<string, DomainDescription>; routes: readonly DescribedRoute[] }

/** What stops the document from being made: every problem at once. */
export class DescriptionError extends Error {
  override name = 'DescriptionError'

  constructor(problems: readonly string[]) {
    super(`The API is not fully described:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  }
}

/** Reads `openapi.ts` beside each `function.ts` with routes, and of each domain that has one. Throws `DescriptionError`. */
export async function loadDescriptions(
  repository: string,
  specs: readonly LoadedSpec[] | undefined = undefined,
): Promise<Descriptions> {
  const problems: string[] = []
  const domains = new Map<string, DomainDescription>()
  const routes: DescribedRoute[] = []
  const load = async (path: string): Promise<unknown> => {
    if (!existsSync(join(repository, path))) {
      problems.push(`"${path}" is missing`)
      return undefined
    }
    const module: { default?: unknown } = await import(pathToFileURL(join(repository, path)).href)
    if (!module.default) problems.push(`"${path}" has no default export`)
    return module.default
  }
  for (const { spec, source } of specs ?? (await loadSpecs(repository))) {
    if (!('routes' in spec.trigger)) continue
    const domain = domainOf(spec)
    if (!domains.has(domain)) {
      const described = (await load(`functions/${domain}/openapi.ts`)) as DomainDescription | undefined
      if (described) domains.set(domain, described)
    }
    const path = source.replace(/function\.ts$/, 'openapi.ts')
    const described = (await load(path)) as FunctionDescription | undefined
    if (!described) continue
    problems.push(...compareRoutes(spec.trigger.routes, described).map((problem) => `${path}: ${problem}`))
    routes.push(...pairRoutes(spec, domain, spec.trigger.routes, described))
  }
  if (problems.length > 0) throw new DescriptionError(problems)
  return { domains, routes }
}

const keyOf = ({ method, path }: Route) => `${method} ${path}` as const

/** Routes without a description, and descriptions without a route. */
export function compareRoutes(routes: readonly Route[], { routes: described }: FunctionDescription): string[] {
  const keys = new Set<string>(routes.map(keyOf))
  return [
    ...routes.flatMap((route) => (described[keyOf(route)] ? [] : [`"${keyOf(route)}" is not described`])),
    ...Object.keys(described).flatMap((key) =>
      keys.has(key) ? [] : [`"${key}" is described, and function.ts has no such route`],
    ),
  ]
}

function pairRoutes(
  spec: FunctionSpec,
  domain: string,
  routes: readonly Route[],
  { routes: described }: FunctionDescription,
): DescribedRoute[] {
  return routes.flatMap((route) => {
    const description = described[keyOf(route)]
    const { access = 'person' } = route
    return description ? [{ functionName: spec.name, domain, route, description: { ...description, access } }] : []
  })
}
