import { expect, test } from 'vitest'
import { renderTrigger } from '../../../manifests/trigger.ts'
import type { QueueSpec } from '../../../manifests/trigger-kind.ts'
import { readFunctionCatalogue } from '../function-catalogue.ts'
import { planBrokers } from './broker-topology.ts'

test('every trigger of the local plan says what its manifest says, its dead letter sink included', async () => {
  const specs = (await readFunctionCatalogue()).map(({ spec }) => spec).filter((spec) => 'queue' in spec.trigger)
  const rendered = specs.map((spec) => renderTrigger(spec as QueueSpec))
  const fromManifests = rendered.map(({ metadata, spec }) => {
    const { broker, filter, subscriber, delivery } = spec as RenderedSpec
    return {
      name: metadata.name,
      broker,
      filter: filter?.attributes ?? {},
      subscriber: `${subscriber.uri}/`,
      parallelism: Number(metadata.annotations?.['rabbitmq.eventing.knative.dev/parallelism']),
      delivery: {
        retry: delivery.retry,
        backoffPolicy: delivery.backoffPolicy,
        backoffDelay: delivery.backoffDelay,
        timeoutSeconds: Number(/^PT(\d+)S$/.exec(delivery.timeout)?.[1]),
        deadLetterSink: { broker: delivery.deadLetterSink.ref.name },
      },
    }
  })
  const hosts = new Map(specs.map(({ name }) => [name, `http://${name}.${name.split('-')[0]}.svc.cluster.local`]))
  expect(planBrokers(specs, (name) => hosts.get(name) ?? '').triggers).toEqual(fromManifests)
  expect(fromManifests.map(({ name }) => name)).toContain('q-dlq')
})

type RenderedSpec = {
  broker: string
  filter?: { attributes: Record<string, string> }
  subscriber: { uri: string }
  delivery: {
    retry: number
    backoffPolicy: string
    backoffDelay: string
    timeout: string
    deadLetterSink: { ref: { name: string } }
  }
}
