import { BlockList, isIP } from 'node:net'
import type { KubernetesObject } from '../run/kubectl.ts'

export type Rule = {
  matches: (request: { path: string; method: string; address: string }) => boolean
  /** That the load balancer writes over the host of the request. */
  host: string
}

type Condition = {
  field: string
  httpRequestMethodConfig?: { values: string[] }
  sourceIpConfig?: { values: string[] }
}

const prefix = 'alb.ingress.kubernetes.io'

/** The rules of the load balancer, from the Ingress with its annotations. Throws for a condition that is not known, by its field. */
export function readRules(ingress: KubernetesObject): Rule[] {
  const annotation = (kind: string, backend: string): unknown =>
    JSON.parse(ingress.metadata.annotations?.[`${prefix}/${kind}.${backend}`] ?? 'null')
  const rules: { http: { paths: { path: string; backend: { service: { name: string } } }[] } }[] = ingress.spec.rules
  return rules.flatMap(({ http }) =>
    http.paths.map(({ path, backend }) => {
      const { name } = backend.service
      const conditions = ((annotation('conditions', name) as Condition[] | null) ?? []).map(readCondition)
      const pattern = patternOf(path)
      return {
        matches: (request) => pattern.test(request.path) && conditions.every((holds) => holds(request)),
        host: hostOf(annotation('transforms', name), name),
      }
    }),
  )
}

function hostOf(transforms: unknown, backend: string): string {
  const [first] = (transforms as { hostHeaderRewriteConfig?: { rewrites: { replace: string }[] } }[] | null) ?? []
  const host = first?.hostHeaderRewriteConfig?.rewrites[0]?.replace
  if (!host) throw new Error(`The backend "${backend}" has no rewrite of the host`)
  return host
}

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .split('*')
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )

function readCondition(condition: Condition): (request: { method: string; address: string }) => boolean {
  const { httpRequestMethodConfig: methods, sourceIpConfig: sources } = condition
  if (methods) return ({ method }) => methods.values.includes(method)
  if (sources) {
    const networks = new BlockList()
    for (const network of sources.values) {
      const [address = '', bits = ''] = network.split('/')
      networks.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
    }
    return ({ address }) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  throw new Error(`The load balancer of this machine does not know the condition "${condition.field}"`)
}
