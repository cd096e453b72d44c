import type { Resource } from '../resource.ts'
import { type Peer, peers, ports } from './peers.ts'

type Requirement = { key: string; operator: 'In' | 'Exists'; values?: readonly string[] }
export type Selector = { matchLabels?: Readonly<Record<string, string>>; matchExpressions?: readonly Requirement[] }
export type IpBlock = { cidr: string; except?: readonly string[] }
export type PolicyPeer = { namespaceSelector?: Selector; podSelector?: Selector; ipBlock?: IpBlock }
export type Port = { protocol: 'TCP' | 'UDP'; port: number }
export type PolicySpec = {
  podSelector: Selector
  /** No `from` means from anywhere, no `ports` means all. */
  ingress?: readonly { from?: readonly PolicyPeer[]; ports?: readonly Port[] }[]
  egress?: readonly { to?: readonly PolicyPeer[]; ports?: readonly Port[] }[]
}
export type NetworkPolicy = Resource & { spec: PolicySpec & { policyTypes: readonly ('Ingress' | 'Egress')[] } }

/**
 * One policy. It restricts the directions that it has rules for, and both when it has none: an empty list is not stored, so a diff
 * against the API server would show it.
 */
export function policy(name: string, namespace: string, spec: PolicySpec): NetworkPolicy {
  const given = [...(spec.ingress ? ['Ingress' as const] : []), ...(spec.egress ? ['Egress' as const] : [])]
  const policyTypes = given.length > 0 ? given : (['Ingress', 'Egress'] as const)
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': 'growbin' } },
    spec: { podSelector: spec.podSelector, policyTypes, ...withoutPodSelector(spec) },
  }
}

const withoutPodSelector = ({ podSelector: _, ...rules }: PolicySpec) => rules

/** Denies everything to and from every pod of a namespace but names of services. */
export function namespaceDefaults(namespace: string): NetworkPolicy[] {
  const protocols = [
    { protocol: 'UDP' as const, port: ports.dns },
    { protocol: 'TCP' as const, port: ports.dns },
  ]
  return [
    policy('default-deny', namespace, { podSelector: {} }),
    policy('reach-dns', namespace, { podSelector: {}, egress: [{ to: [peerOf(peers.dns)], ports: protocols }] }),
  ]
}

/** Of labels with one value or with one of several. */
export function selectorOf(labels: NonNullable<Peer['labels']> = {}): Selector {
  const entries = Object.entries(labels)
  const matchLabels = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const matchExpressions = entries.flatMap(([key, values]): Requirement[] =>
    typeof values === 'string' ? [] : [{ key, operator: 'In', values }],
  )
  return {
    ...(matchLabels.length > 0 && { matchLabels: Object.fromEntries(matchLabels) }),
    ...(matchExpressions.length > 0 && { matchExpressions }),
  }
}

function peerOf({ namespace, labels }: Peer): PolicyPeer {
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } }
  return labels ? { namespaceSelector, podSelector: selectorOf(labels) } : { namespaceSelector }
}

const tcp = (found: number | readonly number[]): { ports: readonly Port[] } => ({
  ports: [found].flat().map((port) => ({ protocol: 'TCP', port })),
})

/** From these pods to these ports or to all. No rule when there are none: one without `from` would let everything in. */
export const ingress = (from: readonly Peer[], to?: number | readonly number[]) =>
  from.length === 0 ? [] : [{ from: from.map(peerOf), ...(to !== undefined && tcp(to)) }]

export const fromAnywhere = (to: readonly number[]) => tcp(to)

export const egress = (to: readonly Peer[], port?: number) => ({
  to: to.map(peerOf),
  ...(port !== undefined && tcp(port)),
})

export const toAddresses = (ipBlock: IpBlock, port: number) => ({ to: [{ ipBlock }], ...tcp(port) })
