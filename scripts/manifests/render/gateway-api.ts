import { domainOf } from '../../../functions/_lib/process/function-spec.ts'
import type { Resource } from '../resource.ts'
import type { HttpSpec } from '../trigger-kind.ts'
import {
  externalDomain,
  gatewayNamespace,
  gatewayService,
  operatorNetworksOf,
  type PathRule,
  pathRules,
  publicHost,
} from './gateway.ts'

const gateway = 'api'
const api = 'gateway.networking.k8s.io/v1'
const labels = { 'app.kubernetes.io/part-of': 'growbin' }

/** The same entry as `renderGateway` in the Gateway API: one route for each function, by file name. */
export function renderGatewayApi(specs: readonly HttpSpec[]): Map<string, Resource[]> {
  const rules = pathRules(specs)
  if (rules.length === 0) return new Map()
  const routes = [...Map.groupBy(rules, (rule) => rule.function)]
    .sort(([one], [other]) => one.name.localeCompare(other.name, 'en'))
    .map(([spec, own]): [string, Resource[]] => [spec.name, renderRoute(spec, own)])
  return new Map([['gateway', renderEntry()], ...routes])
}

function renderEntry(): Resource[] {
  const listener = (name: string, protocol: string, port: number) => ({
    name,
    protocol,
    port,
    allowedRoutes: { namespaces: { from: 'Same' } },
  })
  const redirect = { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }
  return [
    {
      apiVersion: api,
      kind: 'Gateway',
      metadata: { name: gateway, namespace: gatewayNamespace, labels },
      spec: { gatewayClassName: 'alb', listeners: [listener('http', 'HTTP', 80), listener('https', 'HTTPS', 443)] },
    },
    route('redirect-to-https', 'http', { rules: [{ filters: [redirect] }] }),
  ]
}

function renderRoute(spec: HttpSpec, rules: readonly PathRule[]): Resource[] {
  const networks = operatorNetworksOf(spec)
  const rewrite = {
    type: 'URLRewrite',
    urlRewrite: { hostname: `${spec.name}.${domainOf(spec)}.${externalDomain}` },
  }
  const restriction = {
    type: 'ExtensionRef',
    extensionRef: { group: 'gateway.k8s.aws', kind: 'ListenerRuleConfiguration', name: spec.name },
  }
  const rule = {
    matches: rules.flatMap(({ path, methods }) =>
      methods ? methods.map((method) => ({ path: matchOf(path), method })) : [{ path: matchOf(path) }],
    ),
    filters: [rewrite, ...(networks ? [restriction] : [])],
    backendRefs: [{ name: gatewayService, port: 80 }],
  }
  return [
    route(spec.name, 'https', { hostnames: [publicHost], rules: [rule] }),
    ...(networks ? [sourceRestriction(spec.name, networks)] : []),
  ]
}

/** The Gateway API has no condition on the caller's address, so this kind is the load balancer's own. */
const sourceRestriction = (name: string, values: readonly string[]): Resource => ({
  apiVersion: 'gateway.k8s.aws/v1beta1',
  kind: 'ListenerRuleConfiguration',
  metadata: { name, namespace: gatewayNamespace, labels },
  spec: { conditions: [{ field: 'source-ip', sourceIPConfig: { values } }] },
})

const route = (name: string, sectionName: string, spec: object): Resource => ({
  apiVersion: api,
  kind: 'HTTPRoute',
  metadata: { name, namespace: gatewayNamespace, labels },
  spec: { parentRefs: [{ name: gateway, sectionName }], ...spec },
})

const matchOf = (path: string) =>
  path.includes('*')
    ? { type: 'RegularExpression', value: `^${path.replaceAll('.', '\\.').replaceAll('*', '[^/]+')}$` }
    : { type: 'Exact', value: path }
