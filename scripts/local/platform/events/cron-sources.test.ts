import { expect, it } from 'vitest'
import { startBrokerStub } from '../../../../functions/_lib/testing/broker-stub.ts'
import { scheduledSpec } from '../../../manifests/example-specs.ts'
import { planBrokers } from './broker-topology.ts'
import { startCronSources } from './cron-sources.ts'

it('posts the tick of a queue to the broker, with what its PingSource stamps and its trigger filters on', async () => {
  const broker = await startBrokerStub()
  const lost: object[] = []
  const spec = {
    ...scheduledSpec,
    trigger: {
      ...scheduledSpec.trigger,
      schedules: [{ name: 'images', cron: '* * * * * *', body: { task: 'cleanup.images' } }],
    },
  }
  const sources = startCronSources({
    specs: [spec],
    urlOf: () => expect.fail('The function itself is asked'),
    brokerUrl: broker.url,
    log: (message, fields) => void lost.push({ message, ...fields }),
  })
  await expect.poll(() => broker.events.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
  await sources.close()
  await broker.close()
  const [first, second] = broker.events
  expect(first).toMatchObject({
    type: 'dev.knative.sources.ping',
    source: '/apis/v1/namespaces/messaging/pingsources/jobs-scheduled-cleanup-images',
    data: { task: 'cleanup.images' },
    extensions: { queue: 'sched', schedule: 'images', task: 'cleanup.images' },
  })
  expect(second?.id).not.toBe(first?.id)
  const [trigger] = planBrokers([spec], () => 'http://cleanup.test').triggers
  expect(first?.extensions).toMatchObject(trigger?.filter ?? {})
  expect(lost).toEqual([])
})
