import { isWithin, networksOf } from '../../../functions/_lib/limits/networks.ts'
import type { NetworkPolicy, PolicyPeer, Port, Selector } from './policy.ts'

export type Pod = { namespace: string; labels: Readonly<Record<string, string>> }
/** A pod, or an address outside of the cluster. */
export type Party = Pod | { address: string }

/**
 * Whether standard network policies let `from` connect to `port` of `to`: the policies of the sender's egress and those of the
 * receiver's ingress both have to. A pod that no policy selects in a direction is free in it.
 */
export function isAllowed(policies: readonly NetworkPolicy[], from: Party, to: Party, port: number): boolean {
  const leaves = 'address' in from || permits(policies, 'Egress', from, to, port)
  const enters = 'address' in to || permits(policies, 'Ingress', to, from, port)
  return leaves && enters
}

function permits(
  policies: readonly NetworkPolicy[],
  type: 'Ingress' | 'Egress',
  pod: Pod,
  other: Party,
  port: number,
): boolean {
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace && spec.policyTypes.includes(type) && selects(spec.podSelector, pod.labels),
  )
  if (selecting.length === 0) return true
  return selecting.some(({ metadata, spec }) => {
    const rules =
      type === 'Ingress'
        ? (spec.ingress ?? []).map(({ from, ports }) => ({ parties: from, ports }))
        : (spec.egress ?? []).map(({ to, ports }) => ({ parties: to, ports }))
    return rules.some(
      ({ parties, ports }) =>
        (parties === undefined || parties.some((peer) => isPeer(peer, other, metadata.namespace ?? ''))) &&
        (ports === undefined || ports.some((each: Port) => each.protocol === 'TCP' && each.port === port)),
    )
  })
}

function isPeer({ ipBlock, namespaceSelector, podSelector }: PolicyPeer, party: Party, namespace: string): boolean {
  if ('address' in party) {
    if (!ipBlock) return false
    return (
      isWithin(networksOf([ipBlock.cidr]), party.address) && !isWithin(networksOf(ipBlock.except ?? []), party.address)
    )
  }
  if (ipBlock) return false
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, { 'kubernetes.io/metadata.name': party.namespace })
    : party.namespace === namespace
  return inNamespace && (podSelector === undefined || selects(podSelector, party.labels))
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Readonly<Record<string, string>>) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const label = labels[key]
      return label !== undefined && (operator === 'Exists' || values.includes(label))
    })
  )
}
