import { loopback } from '../../../functions/_lib/limits/networks.ts'
import { domainOf, type HttpMethod } from '../../../functions/_lib/process/function-spec.ts'
import type { Resource } from '../resource.ts'
import type { HttpSpec } from '../trigger-kind.ts'

export const gatewayNamespace = 'kourier-system'
export const gatewayService = 'kourier-alb'
export const publicHost = 'growbin.app'
const readyNodePort = 30900
/** Kourier's external listener, which knows only the functions with routes. The internal one (8081) knows all. */
const externalListenerPort = 8080
/** Of `config-domain`: the load balancer writes the name of a function in it, and no DNS knows it. */
export const externalDomain = 'growbin.internal'

/** One path of the public API and the function behind it. */
export type PathRule = {
  path: string
  /** The backend that ALB annotations are looked up by. */
  backend: string
  function: HttpSpec
  /** Only where two functions share a path; otherwise the function itself answers 405. */
  methods?: readonly string[]
}

/**
 * The public entry: the load balancer matches the path, rewrites the host to the function's name and sends it to
 * Kourier's external listener. Knative routes by host alone, so no other hop is needed.
 */
export function renderGateway(specs: readonly HttpSpec[]): Resource[] {
  const rules = pathRules(specs)
  return [renderNodePort(), ...(rules.length === 0 ? [] : [renderIngress(rules)])]
}

function renderNodePort(): Resource {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: gatewayService, namespace: gatewayNamespace, labels: { 'app.kubernetes.io/part-of': 'growbin' } },
    spec: {
      type: 'NodePort',
      selector: { app: '3scale-kourier-gateway' },
      ports: [
        { name: 'http', port: 80, targetPort: externalListenerPort },
        { name: 'ready', port: 9000, targetPort: 9000, nodePort: readyNodePort },
      ],
    },
  }
}

function renderIngress(rules: readonly PathRule[]): Resource {
  const forward = {
    type: 'forward',
    forwardConfig: { targetGroups: [{ serviceName: gatewayService, servicePort: '80' }] },
  }
  const perBackend = rules.flatMap((rule) => {
    const host = `${rule.function.name}.${domainOf(rule.function)}.${externalDomain}`
    const rewrite = {
      type: 'host-header-rewrite',
      hostHeaderRewriteConfig: { rewrites: [{ regex: '.*', replace: host }] },
    }
    const networks = operatorNetworksOf(rule.function)
    const conditions = [
      ...(rule.methods ? [{ field: 'http-request-method', httpRequestMethodConfig: { values: rule.methods } }] : []),
      ...(networks ? [{ field: 'source-ip', sourceIpConfig: { values: networks } }] : []),
    ]
    return [
      [`actions.${rule.backend}`, forward],
      [`transforms.${rule.backend}`, [rewrite]],
      ...(conditions.length > 0 ? [[`conditions.${rule.backend}`, conditions]] : []),
    ] as [string, unknown][]
  })
  const annotations = {
    scheme: 'internet-facing',
    'group.name': 'growbin',
    // The pod network is an overlay, which the load balancer cannot reach by pod address.
    'target-type': 'instance',
    'target-node-labels': 'workload=application',
    'listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
    'ssl-redirect': '443',
    'healthcheck-port': String(readyNodePort),
    'healthcheck-path': '/ready',
    'load-balancer-attributes': 'idle_timeout.timeout_seconds=60',
    ...Object.fromEntries(perBackend.map(([key, value]) => [key, JSON.stringify(value)])),
  }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'api',
      namespace: gatewayNamespace,
      labels: { 'app.kubernetes.io/part-of': 'growbin' },
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`alb.ingress.kubernetes.io/${key}`, value]),
      ),
    },
    spec: {
      ingressClassName: 'alb',
      rules: [
        {
          host: publicHost,
          http: {
            paths: rules.map((rule) => ({
              path: rule.path,
              pathType: rule.path.includes('*') ? 'ImplementationSpecific' : 'Exact',
              backend: { service: { name: rule.backend, port: { name: 'use-annotation' } } },
            })),
          },
        },
      ],
    },
  }
}

/**
 * For a function of operators the networks that the load balancer lets through, which itself is in front of the whole internet.
 * No request reaches it from a loopback.
 */
export function operatorNetworksOf({ trigger, variables }: HttpSpec): string[] | undefined {
  if (!trigger.routes.some(({ access }) => access === 'operator')) return undefined
  const source = variables.OPERATOR_NETWORKS?.source
  const networks: string[] = JSON.parse(source && 'value' in source ? source.value : '[]')
  return networks.filter((network) => !loopback.includes(network))
}

/** The paths of all functions, the most specific first. */
export function pathRules(specs: readonly HttpSpec[]): PathRule[] {
  const paths = new Map<string, Map<HttpSpec, Set<HttpMethod>>>()
  for (const spec of specs) {
    for (const route of spec.trigger.routes) {
      const path = loadBalancerPath(route.path)
      const owners = paths.get(path) ?? new Map<HttpSpec, Set<HttpMethod>>()
      paths.set(path, owners.set(spec, (owners.get(spec) ?? new Set()).add(route.method)))
    }
  }
  return [...paths]
    .flatMap(([path, owners]) =>
      [...owners].map(([spec, methods]): PathRule => {
        if (owners.size === 1) return { path, backend: spec.name, function: spec }
        const values = [...methods, ...(methods.has('GET') ? ['HEAD'] : [])].sort()
        return { path, backend: `${spec.name}-${values.join('-').toLowerCase()}`, function: spec, methods: values }
      }),
    )
    .sort((one, other) => mostSpecificFirst(one.path, other.path) || one.backend.localeCompare(other.backend, 'en'))
}

/** A path parameter matches anything, slashes too, so the order of the rules decides. */
export function loadBalancerPath(path: string): string {
  return path.replaceAll(/:[^/]+/g, '*')
}

function mostSpecificFirst(one: string, other: string): number {
  const literalLength = (path: string) => path.replaceAll('*', '').length
  const wildcards = (path: string) => path.split('*').length
  return (
    wildcards(one) - wildcards(other) || literalLength(other) - literalLength(one) || one.localeCompare(other, 'en')
  )
}
