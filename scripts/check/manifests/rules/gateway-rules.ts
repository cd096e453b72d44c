import type { Resource } from '../../../manifests/resource.ts'
import type { Rule } from '../rule.ts'

type Ingress = Resource & {
  spec: { rules: { host: string; http: { paths: { path: string; backend: { service: { name: string } } }[] } }[] }
}

const rulesMax = 100
const conditionValuesMax = 5
const wildcardsMax = 5
const prefix = 'alb.ingress.kubernetes.io/'

/** Quotas of an Application Load Balancer, and what its controller looks up by name. */
type Ports = Resource & { spec: { type?: string; ports?: { targetPort?: number | string }[] } }

/** Kourier's internal listener (8081, and 8444 with TLS) knows every function, those too that nobody outside may call. */
const internalListenerPorts = new Set<unknown>([8081, 8444])

export const nodePortRules: readonly Rule<Ports>[] = [
  {
    name: 'internal-listener',
    kind: 'Service',
    check: ({ spec }) =>
      spec.type === 'NodePort' || spec.type === 'LoadBalancer'
        ? (spec.ports ?? [])
            .filter(({ targetPort }) => internalListenerPorts.has(targetPort))
            .map(({ targetPort }) => `a ${spec.type} leads to Kourier's internal listener ${targetPort}; expected 8080`)
        : [],
  },
]

export const gatewayRules: readonly Rule<Ingress>[] = [
  {
    name: 'external-domain',
    kind: 'networking.k8s.io/Ingress',
    check: ({ metadata }, { setting }) =>
      Object.entries(metadata.annotations ?? {}).flatMap(([key, value]) => {
        const domain = /"replace":"[^".]+\.[^".]+\.([^"]+)"/.exec(value)?.[1]
        return domain === undefined || setting('config-domain', domain) !== undefined
          ? []
          : [`"${key}" writes a host in "${domain}", which is no domain of config-domain`]
      }),
  },
  {
    name: 'gateway-limits',
    kind: 'networking.k8s.io/Ingress',
    check: ({ metadata, spec }) => {
      const paths = spec.rules.flatMap(({ http }) => http.paths)
      return [
        ...(paths.length > rulesMax ? [`${paths.length} rules; a load balancer takes ${rulesMax}`] : []),
        ...paths.flatMap(({ path, backend }) => {
          const values = conditionValues(metadata.annotations?.[`${prefix}conditions.${backend.service.name}`])
          // The host and the path are a condition value each.
          return values + 2 > conditionValuesMax
            ? [`"${path}" has ${values + 2} condition values; a rule takes ${conditionValuesMax}`]
            : []
        }),
        ...paths
          .filter(({ path }) => path.split('*').length - 1 > wildcardsMax)
          .map(({ path }) => `"${path}" has ${path.split('*').length - 1} wildcards; a rule takes ${wildcardsMax}`),
        ...Object.keys(metadata.annotations ?? {})
          .filter((key) => key.slice(prefix.length).length > 63)
          .map((key) => `the annotation "${key}" is longer than 63 characters after the prefix`),
      ]
    },
  },
  {
    name: 'gateway-annotations',
    kind: 'networking.k8s.io/Ingress',
    check: ({ metadata, spec }) =>
      spec.rules
        .flatMap(({ http }) => http.paths.map(({ backend }) => backend.service.name))
        .flatMap((name) => ['actions', 'transforms'].map((part) => `${prefix}${part}.${name}`))
        .filter((key) => metadata.annotations?.[key] === undefined)
        .map((key) => `the annotation "${key}" is missing`),
  },
]

function conditionValues(annotation: string | undefined): number {
  if (!annotation) return 0
  type Values = { values?: string[] }
  const conditions: { httpRequestMethodConfig?: Values; sourceIpConfig?: Values }[] = JSON.parse(annotation)
  return conditions.flatMap(({ httpRequestMethodConfig, sourceIpConfig }) => [
    ...(httpRequestMethodConfig?.values ?? []),
    ...(sourceIpConfig?.values ?? []),
  ]).length
}
