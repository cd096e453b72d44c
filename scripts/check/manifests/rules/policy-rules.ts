import type { NetworkPolicy } from '../../../manifests/policies/policy.ts'
import { gatewayNamespace } from '../../../manifests/render/gateway.ts'
import type { Resource } from '../../../manifests/resource.ts'
import type { Rule } from '../rule.ts'

export const namespaceRules: readonly Rule<Resource>[] = [
  {
    name: 'policy-default-deny',
    kind: 'Namespace',
    check: ({ metadata }, { resources }) => {
      const isThere = resources.some(
        (other) =>
          other.kind === 'NetworkPolicy' &&
          other.metadata.name === 'default-deny' &&
          other.metadata.namespace === metadata.name &&
          (other as NetworkPolicy).spec.policyTypes.length === 2,
      )
      return isThere ? [] : ['no policy "default-deny" for both directions, so its pods may connect to anything']
    },
  },
]

export const policyRules: readonly Rule<NetworkPolicy>[] = [
  {
    name: 'policy-open',
    kind: 'networking.k8s.io/NetworkPolicy',
    // The gateway is reached from outside, which no selector names.
    check: ({ metadata, spec }) =>
      metadata.namespace !== gatewayNamespace && (spec.ingress ?? []).some(({ from }) => from === undefined)
        ? ['a rule without "from" lets connections in from anywhere']
        : [],
  },
]
