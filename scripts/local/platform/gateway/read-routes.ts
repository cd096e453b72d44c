import { repositoryRoot } from '../../../lib/repository-root.ts'
import { loadSpecs } from '../../../manifests/load-specs.ts'
import type { DeployedService } from '../../../manifests/read/read-service.ts'
import type { GatewayRoute } from './route-table.ts'

/**
 * The declared routes of the functions that run. From `function.ts`, since the rules of the load balancer name no method where only
 * one function has a path, and the gateway refuses here what a function would refuse there.
 */
export async function readRoutes(services: readonly DeployedService[]): Promise<GatewayRoute[]> {
  const running = new Map(services.map((service) => [service.name, service]))
  return (await loadSpecs(repositoryRoot)).flatMap(({ spec: { name, trigger } }) => {
    const service = running.get(name)
    return service && 'routes' in trigger ? trigger.routes.map(({ method, path }) => ({ method, path, service })) : []
  })
}
