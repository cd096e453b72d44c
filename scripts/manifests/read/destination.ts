import * as z from 'zod'

/** Where an event is sent: to the ingress of a broker, or to a Service. */
export type Destination = { broker: string; namespace: string } | { service: string; namespace: string }

/** A reference stays in the namespace of who refers, which Knative fills in. */
export const destinationSchema = z.union([
  z.strictObject({
    ref: z.strictObject({
      apiVersion: z.literal(['eventing.knative.dev/v1', 'serving.knative.dev/v1']),
      kind: z.literal(['Broker', 'Service']),
      name: z.string(),
    }),
  }),
  z.strictObject({
    uri: z
      .string()
      .regex(
        /^http:\/\/[a-z0-9-]+\.[a-z0-9-]+\.svc\.cluster\.local\/?$/,
        'expected "http://<service>.<namespace>.svc.cluster.local"',
      ),
  }),
])

/** What a `ref` or a `uri` leads to. `namespace` is that of the resource that refers. */
export function readDestination(destination: z.output<typeof destinationSchema>, namespace: string): Destination {
  if ('ref' in destination) {
    const { kind, name } = destination.ref
    return kind === 'Broker' ? { broker: name, namespace } : { service: name, namespace }
  }
  const [service = '', of = ''] = new URL(destination.uri).hostname.split('.')
  return { service, namespace: of }
}
