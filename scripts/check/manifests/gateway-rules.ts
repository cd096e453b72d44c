import type { Resource } from '../../manifests/resource.ts'
import type { Rule } from './rule.ts'

type Ingress = Resource & {
  spec: { rules: { host: string; http: { paths: { path: string; backend: { service: { name: string } } }[] } }[] }
}

const rulesMax = 100
const conditionValuesMax = 5
const prefix = 'alb.ingress.kubernetes.io/'

/** Quotas of an Application Load Balancer, and what its controller looks up by name. */
export const gatewayRules: readonly Rule<Ingress>[] = [
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
