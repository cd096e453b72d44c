import { loopback } from '../../../../functions/_lib/limits/networks.ts'
import type { Resource } from '../../../manifests/resource.ts'
import type { KnativeService } from '../knative-service.ts'
import type { Rule } from '../rule.ts'

type HttpRoute = Resource & { spec: { rules: { filters?: { urlRewrite?: { hostname?: string } }[] }[] } }
type Restriction = Resource & { spec: { conditions: { sourceIPConfig?: { values: string[] } }[] } }

/** Both forms of the entry: only functions with routes are reached, and those of operators from their networks. */
export const routeRules: readonly Rule<HttpRoute>[] = [
  {
    name: 'route-functions',
    kind: 'gateway.networking.k8s.io/HTTPRoute',
    check: (route, { resources }) => hostsOf(route).flatMap((host) => functionProblems(host, resources)),
  },
  {
    name: 'route-operator-networks',
    kind: 'gateway.networking.k8s.io/HTTPRoute',
    check: (route, { resources }) =>
      hostsOf(route).flatMap((host) => {
        const expected = operatorNetworks(findFunction(host, resources))
        const restriction = resources.find(
          ({ kind, metadata }) => kind === 'ListenerRuleConfiguration' && metadata.name === route.metadata.name,
        ) as Restriction | undefined
        const refers = JSON.stringify(route.spec.rules).includes('"ListenerRuleConfiguration"')
        const found = restriction?.spec.conditions[0]?.sourceIPConfig?.values ?? []
        return expected === undefined || (refers && isSame(found, expected))
          ? []
          : [
              `the route has no ListenerRuleConfiguration with the networks of OPERATOR_NETWORKS, ${expected.join(', ')}`,
            ]
      }),
  },
]

export const ingressRules: readonly Rule<Resource>[] = [
  {
    name: 'gateway-functions',
    kind: 'networking.k8s.io/Ingress',
    check: (ingress, { resources }) => rewritesOf(ingress).flatMap(({ host }) => functionProblems(host, resources)),
  },
  {
    name: 'operator-networks',
    kind: 'networking.k8s.io/Ingress',
    check: (ingress, { resources }) =>
      rewritesOf(ingress).flatMap(({ backend, host }) => {
        const expected = operatorNetworks(findFunction(host, resources))
        if (expected === undefined) return []
        const conditions = ingress.metadata.annotations?.[`alb.ingress.kubernetes.io/conditions.${backend}`] ?? '[]'
        type Condition = { field: string; sourceIpConfig?: { values: string[] } }
        const found = (JSON.parse(conditions) as Condition[]).find(({ field }) => field === 'source-ip')
        return isSame(found?.sourceIpConfig?.values ?? [], expected)
          ? []
          : [
              `the backend "${backend}" lets other networks through than those of OPERATOR_NETWORKS, ${expected.join(', ')}`,
            ]
      }),
  },
]

const hostsOf = ({ spec }: HttpRoute): string[] =>
  spec.rules.flatMap(({ filters = [] }) => filters.flatMap(({ urlRewrite }) => urlRewrite?.hostname ?? []))

/** What the annotations of an Ingress rewrite the host to, by backend. */
function rewritesOf({ metadata }: Resource): { backend: string; host: string }[] {
  const prefix = 'alb.ingress.kubernetes.io/transforms.'
  return Object.entries(metadata.annotations ?? {}).flatMap(([key, value]) => {
    const host = /"replace":"([^"]+)"/.exec(value)?.[1]
    return key.startsWith(prefix) && host ? [{ backend: key.slice(prefix.length), host }] : []
  })
}

/** The host of a function is `<name>.<namespace>.<domain>`. */
function findFunction(host: string, resources: readonly Resource[]): KnativeService | undefined {
  const [name, namespace] = host.split('.')
  return resources.find(
    ({ apiVersion, metadata }) =>
      apiVersion.startsWith('serving.knative.dev/') && metadata.name === name && metadata.namespace === namespace,
  ) as KnativeService | undefined
}

function functionProblems(host: string, resources: readonly Resource[]): string[] {
  const isRouted = findFunction(host, resources)?.metadata.labels?.['growbin.app/trigger'] === 'http'
  return isRouted
    ? []
    : [`"${host}" is no function with routes; functions of queues and schedules are not for the outside`]
}

/** What the function itself checks, but loopbacks, from which no request comes through a load balancer. */
function operatorNetworks(service: KnativeService | undefined): string[] | undefined {
  const env: { name: string; value?: string }[] = service?.spec.template.spec.containers[0]?.env ?? []
  const value = env.find(({ name }) => name === 'OPERATOR_NETWORKS')?.value
  if (value === undefined) return undefined
  return (JSON.parse(value) as string[]).filter((network) => !loopback.includes(network))
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify([...one].sort()) === JSON.stringify([...other].sort())
