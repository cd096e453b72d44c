import type { Resource } from '../../manifests/resource.ts'

export type Reference = { apiVersion?: string; kind?: string; name?: string; namespace?: string }
export type Destination = { ref?: Reference; uri?: string }
export type Delivery = {
  retry?: number
  backoffPolicy?: string
  backoffDelay?: string
  timeout?: string
  deadLetterSink?: Destination
}

export type Trigger = Resource & {
  spec: {
    broker?: string
    filter?: { attributes?: Record<string, unknown> }
    filters?: unknown
    subscriber?: Destination
    delivery?: Delivery
  }
}
export type Broker = Resource & { spec: { config?: Reference; delivery?: Delivery } }
export type RabbitmqBrokerConfig = Resource & {
  spec: { queueType?: string; rabbitmqClusterReference?: { name?: string; connectionSecret?: unknown } }
}
export type PingSource = Resource & {
  spec: {
    schedule?: string
    timezone?: string
    contentType?: string
    data?: string
    dataBase64?: string
    ceOverrides?: { extensions?: Record<string, string> }
    sink?: Destination
  }
}
export type EventType = Resource & {
  spec: {
    reference?: Reference
    description?: string
    type: string
    source?: string
  }
}
export type OperatorPolicy = Resource & { spec: { pattern: string; definition: Record<string, unknown> } }

/** What is wrong with a destination: neither or both forms, another namespace, or nothing there. */
export function destinationProblems(
  what: string,
  destination: Destination | undefined,
  owner: Resource,
  resources: readonly Resource[],
): string[] {
  const { ref, uri } = destination ?? {}
  if ((ref === undefined) === (uri === undefined)) return [`${what} needs either a ref or a uri`]
  const namespace = owner.metadata.namespace
  if (ref) {
    if (ref.namespace && ref.namespace !== namespace)
      return [`${what} refers to namespace "${ref.namespace}"; a ref stays in "${namespace}"`]
    const found = resources.some(
      ({ apiVersion, kind, metadata }) =>
        apiVersion === ref.apiVersion &&
        kind === ref.kind &&
        metadata.name === ref.name &&
        metadata.namespace === namespace,
    )
    return found ? [] : [`${what} refers to ${ref.kind} "${ref.name}", which is not in namespace "${namespace}"`]
  }
  const host = /^http:\/\/([^./]+)\.([^./]+)\.svc\.cluster\.local\/?$/.exec(uri ?? '')
  if (!host) return [`${what} is "${uri}"; expected "http://<service>.<namespace>.svc.cluster.local"`]
  const found = resources.some(({ metadata }) => metadata.name === host[1] && metadata.namespace === host[2])
  return found ? [] : [`${what} is "${uri}", but there is no service "${host[1]}" in namespace "${host[2]}"`]
}
